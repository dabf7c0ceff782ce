export { days, hours, milliseconds, minutes, seconds } from '@millrace/streaming-core/runtime';
export { AssignmentError, type AssignmentErrorCode } from './assignment/assignment-error.ts';
export type { GlobalKTable } from './dsl/global-table.ts';
export type { PrintOptions } from './dsl/operations/print.ts';
export type { ProcessOptions } from './dsl/operations/process.ts';
export type { TransformOptions, ValueTransformer } from './dsl/operations/transform-table.ts';
export { consumed, type Consumed, type ConsumedOptions, fromValue } from './dsl/options/consumed.ts';
export { type Grouped, grouped } from './dsl/options/grouped.ts';
export { JoinWindows, joinWindows } from './dsl/options/join-windows.ts';
export { type Joined, joined } from './dsl/options/joined.ts';
export { type Materialized, materialized, type MaterializedOptions } from './dsl/options/materialized.ts';
export { type Produced, produced, type ProducedOptions } from './dsl/options/produced.ts';
export type { RepartitionedOptions } from './dsl/options/repartitioned.ts';
export {
  keyValueStore,
  sessionStore,
  type StoreOptions,
  timestampedKeyValueStore,
  windowStore,
  type WindowStoreOptions,
} from './dsl/options/stores.ts';
export { streamJoined, type StreamJoined } from './dsl/options/stream-joined.ts';
export {
  type Suppressed,
  type SuppressedOptions,
  type TimeLimitOptions,
  untilTimeLimit,
  untilWindowCloses,
} from './dsl/options/suppressed.ts';
export { type KeyPartitioner, type TableJoined, tableJoined } from './dsl/options/table-joined.ts';
export type {
  Branched,
  BranchedKStream,
  CogroupedKStream,
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  SessionWindowedCogroupedKStream,
  SessionWindowedKStream,
  TimeWindowedCogroupedKStream,
  TimeWindowedKStream,
} from './dsl/streams-and-tables.ts';
export { StreamsBuilder } from './dsl/streams-builder.ts';
export type { Change, ValueAndTimestamp } from './processor/change.ts';
export { type EmitStrategy, onWindowClose, onWindowUpdate } from './processor/emit-strategy.ts';
export type {
  LogRecord,
  SinkContext,
  StreamPartitioner,
  TimestampExtractor,
  TopicExtractor,
} from './processor/log-record.ts';
export type {
  Cancellable,
  Processor,
  ProcessorContext,
  ProcessorSupplier,
  PunctuationType,
} from './processor/processor.ts';
export type { Header, Headers, RecordMetadata, StreamRecord } from './processor/record.ts';
export { sessionWindows, type SessionWindows } from './processor/session-windows.ts';
export { unlimitedWindows, type UnlimitedWindows } from './processor/unlimited-windows.ts';
export { slidingWindows, type SlidingWindows } from './processor/sliding-windows.ts';
export { type TaskId, taskName } from './processor/task-id.ts';
export { type TimeWindows, timeWindows } from './processor/time-windows.ts';
export type { Window, Windowed } from './processor/windowed.ts';
export { deleteState } from './reset/delete-state.ts';
export {
  type ApplicationReset,
  type ResetAdmin,
  resetApplication,
  type ResetRequest,
} from './reset/reset-application.ts';
export { ResetError, type ResetErrorCode } from './reset/reset-error.ts';
export { javaSplit } from './serdes/java-split.ts';
export type { JsonSchema } from './serdes/json-serde.ts';
export { SerdeError } from './serdes/serde-error.ts';
export { KeyValueView } from './queries/key-value-view.ts';
export { type LocalStores, storedValue, valueWithoutTime } from './queries/local-stores.ts';
export { SessionView } from './queries/session-view.ts';
export { WindowView } from './queries/window-view.ts';
export type { Serde } from './serdes/serde.ts';
export { serdes } from './serdes/serdes.ts';
export type { StoreSpec } from './state/store-spec.ts';
export type { StateStore } from './processor/state-store.ts';
export type {
  Entry,
  KeyValueStore,
  ReadOnlyKeyValueStore,
  ReadOnlySessionStore,
  ReadOnlyWindowStore,
  SessionStore,
  StoreIterator,
  WindowStore,
  WindowValue,
} from './state/stores.ts';
export { TopologyError } from './topology/topology-error.ts';
export type { OffsetReset } from './topology/topology-spec.ts';
export { Topology } from './topology/topology.ts';
export type { StreamsState } from './runtime/app-state.ts';
export type { StoreIsolation, StoreQueryOptions } from './runtime/store-isolation.ts';
export { connectStreams, type StreamsApp } from './runtime/streams-app.ts';
export { StreamsError, type StreamsErrorCode } from './runtime/streams-error.ts';
export type {
  ErrorPolicy,
  ProcessingGuarantee,
  StreamsOptions,
  UncaughtErrorAnswer,
} from './runtime/streams-options.ts';
