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
