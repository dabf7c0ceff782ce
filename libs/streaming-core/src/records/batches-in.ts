import { RecordBatch } from './record-batch.ts';

/** Iterates over bytes that consist of whole batches, as the log returns them. */
export function* batchesIn(bytes: Buffer): Generator<RecordBatch, void> {
  for (let at = 0; at < bytes.length;) {
    const batch = new RecordBatch(bytes, at);
    yield batch;
    at += batch.sizeBytes;
  }
}
