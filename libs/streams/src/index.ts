export type { Change, ValueAndTimestamp } from './processor/change.ts';
export type {
  Cancellable,
  Processor,
  ProcessorContext,
  ProcessorSupplier,
  PunctuationType,
} from './processor/processor.ts';
export type { Header, Headers, RecordMetadata, StreamRecord } from './processor/record.ts';
export { taskName, type TaskId } from './processor/task-id.ts';
export type { Window, Windowed } from './processor/windowed.ts';
export { javaSplit } from './serdes/java-split.ts';
export type { JsonSchema } from './serdes/json-serde.ts';
export { SerdeError } from './serdes/serde-error.ts';
export type { Serde } from './serdes/serde.ts';
export { serdes } from './serdes/serdes.ts';
export type {
  LogRecord,
  SinkContext,
  StreamPartitioner,
  TimestampExtractor,
  TopicExtractor,
} from './processor/log-record.ts';
export { Topology } from './topology/topology.ts';
export { TopologyError } from './topology/topology-error.ts';
export type { OffsetReset } from './topology/topology-spec.ts';
export type { GlobalKTable } from './dsl/global-table.ts';
export { consumed, type Consumed, type ConsumedOptions, fromValue } from './dsl/options/consumed.ts';
export { grouped, type Grouped } from './dsl/options/grouped.ts';
export { materialized, type Materialized, type MaterializedOptions } from './dsl/options/materialized.ts';
export { produced, type Produced, type ProducedOptions } from './dsl/options/produced.ts';
export {
  type Suppressed,
  type SuppressedOptions,
  type TimeLimitOptions,
  untilTimeLimit,
  untilWindowCloses,
} from './dsl/options/suppressed.ts';
export { type EmitStrategy, onWindowClose, onWindowUpdate } from './processor/emit-strategy.ts';
export { sessionWindows, type SessionWindows } from './processor/session-windows.ts';
export { slidingWindows, type SlidingWindows } from './processor/sliding-windows.ts';
export { timeWindows, type TimeWindows } from './processor/time-windows.ts';
export type {
  CogroupedKStream,
  KGroupedStream,
  KStream,
  KTable,
  SessionWindowedCogroupedKStream,
  SessionWindowedKStream,
  TimeWindowedCogroupedKStream,
  TimeWindowedKStream,
} from './dsl/streams-and-tables.ts';
export { StreamsBuilder } from './dsl/streams-builder.ts';
export { joinWindows, JoinWindows } from './dsl/options/join-windows.ts';
export { joined, type Joined } from './dsl/options/joined.ts';
export { streamJoined, type StreamJoined } from './dsl/options/stream-joined.ts';
export { tableJoined, type KeyPartitioner, type TableJoined } from './dsl/options/table-joined.ts';
export { AssignmentError, type AssignmentErrorCode } from './assignment/assignment-error.ts';
export { deleteState } from './reset/delete-state.ts';
export {
  resetApplication,
  type ApplicationReset,
  type ResetAdmin,
  type ResetRequest,
} from './reset/reset-application.ts';
export { ResetError, type ResetErrorCode } from './reset/reset-error.ts';
