export { given, type Then, type When } from './given-when-then.ts';
export { kcat } from './kcat/kcat.ts';
export { readTopic, type ForeignRecord } from './kcat/read-topic.ts';
