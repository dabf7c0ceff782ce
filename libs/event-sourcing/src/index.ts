export { assertNever, isRejected, rejected } from './decider.ts';
export type { Decider, DomainEvent, Rejected } from './decider.ts';
export type { AppendOptions, EventMetadata, EventStore, ExpectedVersion, ReadOptions, RecordedEvent, StreamAppend } from './event-store.ts';
export type { AsyncProjection, InlineProjection, Publish } from './projection.ts';
