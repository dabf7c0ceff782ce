export { kcat } from './kcat.ts';
export { readTopic, type ForeignRecord } from './read-topic.ts';
