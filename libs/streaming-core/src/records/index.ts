export { encodeBatch, type BatchOptions, type RecordToEncode } from './record-batch-encoder.ts';
export { batchHeaderBytes, RecordBatch, type CompressionCodec } from './record-batch.ts';
export { recordsOf } from './records.ts';
