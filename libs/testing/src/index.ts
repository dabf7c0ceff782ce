export { given, type Then, type When } from './given-when-then.ts';
export { playCommands, type Played, type PlayOptions } from './play-commands.ts';
export { assertSnapshotsFit } from './snapshots-fit.ts';
export { groupBy } from './group-by.ts';
export { assertGoldenEventsFold } from './golden-events.ts';
