/**
 * State that several processes share through a compacted topic: each process reads the whole topic
 * and follows it, and one of them, the leader, writes.
 */
export { openStateTopic, type StateTopic, type StateTopicOptions } from './state-topic.ts';
export { joinElection, type Election, type ElectionOptions, type StateRecord } from './election.ts';
export { forwardedUrl } from './forwarded-url.ts';
export type { ElectedMember, Electorate } from './leader-assignor.ts';
