import { ProtocolError } from '../protocol/errors.ts';
import { batchPrefixBytes, currentMagic, RecordBatch } from './record-batch.ts';

/** The overhead of one record in the oldest of all formats: no client of any age sends less. */
const lengthMin = 14;
const bytesToMagic = 17;

/**
 * The batch, of whatever format, that bytes from a client begin with; undefined where they end before it does. Throws CORRUPT_MESSAGE where its
 * length or format cannot be: Apache Kafka then takes nothing of the whole request.
 */
export function leadingBatch(bytes: Buffer): RecordBatch | undefined {
  if (bytes.length < batchPrefixBytes) return undefined;
  const batch = new RecordBatch(bytes);
  const length = batch.sizeBytes - batchPrefixBytes;
  if (length < lengthMin)
    throw new ProtocolError('CORRUPT_MESSAGE', `a batch of ${length} bytes has no room for a record`);
  if (bytes.length < bytesToMagic) return undefined;
  if (batch.magic < 0 || batch.magic > currentMagic)
    throw new ProtocolError('CORRUPT_MESSAGE', `there is no magic ${batch.magic}`);
  return batch.sizeBytes > bytes.length ? undefined : batch;
}
