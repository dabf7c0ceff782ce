export {
  assertNever,
  decisionOf,
  foldEvents,
  isRejected,
  rejected,
  type AnyFolding,
  type Decider,
  type Decision,
  type DomainEvent,
  type Folding,
  type PersonalPart,
  type Rejected,
  type StateSchema,
  type StreamDecision,
  type VersionedState,
} from './decider.ts';
export type {
  AppendOptions,
  EventMetadata,
  EventStore,
  ExpectedVersion,
  ReadOptions,
  RecordedEvent,
  StreamAppend,
} from './event-store.ts';
export {
  inlineProjections,
  type AsyncProjection,
  type EventInState,
  type InlineProjection,
  type InlineProjections,
  type Publish,
  type RebuildableProjection,
} from './projection.ts';
export { erased, isErased, type Erased } from '@millrace/streaming-core/personal';
export { EventStoreError, WrongExpectedVersionError, type EventStoreErrorCode } from './errors.ts';
export {
  declareEvents,
  firstVersion,
  fromVersion1,
  type EventChain,
  type EventTypes,
  type EventVersions,
} from './event-versions.ts';
export { defaultEventStoreLimits, type EventStoreLimits } from './limits.ts';
export { eventSourcingMigrations } from './migrations.ts';
export { assertReadable } from './postgres/assert-readable.ts';
export { erasePlainParts } from './postgres/erase-plain-parts.ts';
export { createEventFeed, type EventFeed } from './postgres/event-feed.ts';
export { listStreams } from './postgres/list-streams.ts';
export { lockMoreStreams, lockStreams } from './postgres/lock-streams.ts';
export {
  eventFollower,
  postgresEventStore,
  type PostgresEventStore,
  type PostgresEventStoreOptions,
} from './postgres/postgres-event-store.ts';
export {
  decideAcross,
  decideAndRecord,
  optimisticTransaction,
  repeatAnswer,
  streamIds,
  withoutState,
  type DecisionAcross,
  type EventsOf,
  type OnlyIn,
  type RecordedIn,
  type StatesOf,
  type StreamSet,
} from './decide-and-record.ts';
export type { CallIntent, Recorded, Recorder, Recording } from './recorder.ts';
export { isConflict, retryingTransaction, type RetryOptions } from './retrying-transaction.ts';
export { loadState } from './state.ts';
export { assumeNew, assumeNewAsWell } from './transaction-streams.ts';
export { hiddenValue, loadShownState, stateDifference, type Difference } from './shown-state.ts';
export {
  causationTree,
  type CausationNode,
  type CausationTreeOptions,
  type CausedEvent,
} from './causation-tree.ts';
export { stateSchema, type StateSchemaOptions } from './state-schema.ts';
export {
  createSnapshotTaker,
  defaultSnapshotSettings,
  type SnapshotSettings,
  type SnapshotTakerOptions,
} from './snapshots.ts';
export {
  messagesAbout,
  outboxMessage,
  publishEvents,
  toPublic,
  type PublicMessage,
  type PublicMessagesOf,
  type PublishOptions,
} from './publish-events.ts';
export { createRebuilds, type Rebuilds, type RebuildsOptions } from './rebuilds.ts';
export { projectionProgress, type ProjectionProgress } from './async-projection.ts';
export {
  createAsyncProjection,
  type AsyncProjectionOptions,
  type RunningProjection,
} from './async-projection.ts';
