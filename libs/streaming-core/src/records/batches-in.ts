import { RecordBatch } from './record-batch.ts';

/** Whole batches in a row, as the log gives them out. */
export function* batchesIn(bytes: Buffer): Generator<RecordBatch, void> {
  for (let at = 0; at < bytes.length;) {
    const batch = new RecordBatch(bytes, at);
    yield batch;
    at += batch.sizeBytes;
  }
}
