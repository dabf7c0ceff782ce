export { assertNever, isRejected, rejected } from './decider.ts';
export type { Decider, DomainEvent, Rejected } from './decider.ts';
export type {
  AppendOptions,
  EventMetadata,
  EventStore,
  ExpectedVersion,
  ReadOptions,
  RecordedEvent,
  StreamAppend,
} from './event-store.ts';
export type { AsyncProjection, InlineProjection, Publish } from './projection.ts';
export { EventStoreError, WrongExpectedVersionError, type EventStoreErrorCode } from './errors.ts';
export { defaultEventStoreLimits, type EventStoreLimits } from './limits.ts';
export { eventSourcingMigrations } from './migrations.ts';
export { lockStream, lockStreams } from './postgres/lock-streams.ts';
export {
  eventFollower,
  postgresEventStore,
  type PostgresEventStoreOptions,
} from './postgres/postgres-event-store.ts';
export { decideAndAppend, executeCommand, type Decided, type StreamCommand } from './command.ts';
export { isConflict, retryingTransaction, type RetryOptions } from './retrying-transaction.ts';
export { loadState } from './state.ts';
export { foldEvents, type Folding, type VersionedState } from './folding.ts';
export {
  outboxMessage,
  publishEvents,
  toPublic,
  type PublicMessage,
  type PublicMessagesOf,
  type PublishOptions,
} from './publish-events.ts';
export {
  createAsyncProjection,
  type AsyncProjectionOptions,
  type RunningProjection,
} from './async-projection.ts';
