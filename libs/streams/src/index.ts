export { days, hours, milliseconds, minutes, seconds } from '@millrace/streaming-core/runtime';
export { AssignmentError, type AssignmentErrorCode } from './assignment/assignment-error.ts';
export type { GlobalKTable } from './dsl/operations/sources.ts';
export type { ProcessOptions } from './dsl/operations/process.ts';
export type { TransformOptions, ValueTransformer } from './dsl/operations/derived-tables.ts';
export {
  consumed,
  type Consumed,
  type ConsumedOptions,
  fromValue,
  type Produced,
  produced,
  type PrintOptions,
  type ProducedOptions,
  type Grouped,
  grouped,
  type RepartitionedOptions,
} from './dsl/options/topics.ts';
export {
  type Joined,
  joined,
  type KeyPartitioner,
  type TableJoined,
  tableJoined,
  JoinWindows,
  joinWindows,
  streamJoined,
  type StreamJoined,
} from './dsl/options/joins.ts';
export {
  keyValueStore,
  sessionStore,
  type StoreOptions,
  timestampedKeyValueStore,
  windowStore,
  type WindowStoreOptions,
  type Materialized,
  materialized,
  type MaterializedOptions,
} from './dsl/options/stores.ts';
export {
  type Suppressed,
  type SuppressedOptions,
  type TimeLimitOptions,
  untilTimeLimit,
  untilWindowCloses,
} from './dsl/options/suppressed.ts';
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
export type {
  Cancellable,
  Processor,
  ProcessorContext,
  ProcessorSupplier,
  PunctuationType,
  StateStore,
} from './processor/processor.ts';
export type {
  Header,
  Headers,
  RecordMetadata,
  StreamRecord,
  LogRecord,
  SinkContext,
  StreamPartitioner,
  TimestampExtractor,
  TopicExtractor,
  Change,
  ValueAndTimestamp,
} from './processor/record.ts';
export { type TaskId, taskName } from './processor/task-id.ts';
export {
  type TimeWindows,
  timeWindows,
  slidingWindows,
  type SlidingWindows,
  sessionWindows,
  type SessionWindows,
  unlimitedWindows,
  type UnlimitedWindows,
  type Window,
  type Windowed,
  type EmitStrategy,
  onWindowClose,
  onWindowUpdate,
} from './processor/windows.ts';
export {
  deleteState,
  type ApplicationReset,
  type ResetAdmin,
  internalTopicsAmong,
  resetApplication,
  type ResetRequest,
  ResetError,
  type ResetErrorCode,
} from './reset/reset-application.ts';
export { javaSplit } from './serdes/java-split.ts';
export { type Serde, SerdeError } from './serdes/serde.ts';
export { serdes, type JsonSchema } from './serdes/serdes.ts';
export type { StoreSpec } from './state/store-spec.ts';
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
export { type OffsetReset, TopologyError } from './topology/topology-spec.ts';
export { Topology } from './topology/topology.ts';
export type { StreamsState } from './runtime/app-state.ts';
export { type BatchOptions, runToEnd } from './runtime/run-to-end.ts';
export { connectStreams, type StreamsApp, type TaskStatus } from './runtime/streams-app.ts';
export { StreamsError, type StreamsErrorCode } from './runtime/streams-error.ts';
export type {
  ErrorPolicy,
  ProcessingGuarantee,
  StreamsOptions,
  UncaughtErrorAnswer,
  StoreIsolation,
  StoreQueryOptions,
} from './runtime/streams-options.ts';
