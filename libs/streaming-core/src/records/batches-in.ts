import { ProtocolError } from '../protocol/errors.ts';
import { RecordBatch, batchPrefixBytes, currentMagic } from './record-batch.ts';

/** Iterates over bytes that consist of whole batches, as the log returns them. */
export function* batchesIn(bytes: Buffer): Generator<RecordBatch, void> {
  for (let at = 0; at < bytes.length;) {
    const batch = new RecordBatch(bytes, at);
    yield batch;
    at += batch.sizeBytes;
  }
}

/** The offset after the last batch if no batch has records, otherwise undefined. */
export function offsetBehindEmptied(batches: Buffer): bigint | undefined {
  let offset: bigint | undefined;
  for (const batch of batchesIn(batches)) {
    if (batch.recordCount > 0) return undefined;
    offset = batch.lastOffset + 1n;
  }
  return offset;
}

/** The overhead of a record in the oldest format. No client, however old, sends less. */
const lengthMin = 14;
const bytesToMagic = 17;

/**
 * The first batch, of any format version, in bytes from a client. Returns undefined if the bytes
 * end before the batch does. Throws CORRUPT_MESSAGE if its length or format version is impossible;
 * Apache Kafka then rejects the whole request.
 */
export function leadingBatch(bytes: Buffer): RecordBatch | undefined {
  if (bytes.length < batchPrefixBytes) return undefined;
  const batch = new RecordBatch(bytes);
  const length = batch.sizeBytes - batchPrefixBytes;
  if (length < lengthMin)
    throw new ProtocolError('CORRUPT_MESSAGE', `a batch of ${length} bytes is too small for a record`);
  if (bytes.length < bytesToMagic) return undefined;
  if (batch.magic < 0 || batch.magic > currentMagic)
    throw new ProtocolError('CORRUPT_MESSAGE', `the batch has an unknown magic ${batch.magic}`);
  return batch.sizeBytes > bytes.length ? undefined : batch;
}
