export type { LiveMessage } from './live/live-answers.ts';
export { createLiveEvents, type LiveEvents } from './live/live-events.ts';
export {
  inlineProjection,
  readModelProjections,
  type EventStamp,
  type ReadModelProjection,
} from './projections/inline-projection.ts';
export { lostOffsets } from './projections/lost-offsets.ts';
export {
  topicProjection,
  type GrowingTopicProjection,
  type MessageStamp,
  type TopicProjection,
} from './projections/topic-projection.ts';
export { checkTables, type CheckedTable } from './tables/check-tables.ts';
export { instant, integer, shown, snakeCaseNames, type EntityClass } from './tables/columns.ts';
export { minus, plus } from './tables/increment.ts';
export { rowsByKey } from './tables/row-table.ts';
export { createStreamVersions, type StreamVersions } from './waits/stream-versions.ts';
export { createVersionWaits, waitQuery, type VersionWait, type VersionWaits } from './waits/version-waits.ts';
