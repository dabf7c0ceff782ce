export { given, type Then, type When } from './given-when-then.ts';
export { playCommands, type Played, type PlayOptions } from './play-commands.ts';
export { groupBy } from './group-by.ts';
export { kcat } from './kcat/kcat.ts';
export { readTopic, type ForeignRecord } from './kcat/read-topic.ts';
