import { batchPrefixBytes, currentMagic, RecordBatch } from '../../records/record-batch.ts';
import { MalformedBytes } from '../../records/varint.ts';
import type { TopicPartition } from '../types.ts';
import { abortedBatches, type AbortedTransaction } from './aborted-batches.ts';
import { BatchRecords } from './batch-records.ts';

export interface DecodedBatches {
  readonly records: BatchRecords;
  readonly nextOffset: bigint;
}

/**
 * Returns the records from `position` on, and the offset to read next. A broker sends whole
 * batches, so the first records of a batch may lie before the position. The next offset follows
 * from the end of the last batch, because compaction and markers leave offsets without records.
 * Records of `aborted` transactions, which a read_committed response lists, are left out. Stops
 * before a batch that is not what its producer wrote, and throws MalformedBytes if it is the first.
 */
export function decodeBatches(
  at: TopicPartition,
  position: bigint,
  bytes: Buffer,
  aborted: readonly AbortedTransaction[] = [],
): DecodedBatches {
  const batches = wholeBatches(bytes, position);
  const undone = abortedBatches(batches, aborted);
  const last = batches.at(-1)?.lastOffset ?? -1n;
  const readable = batches.filter((batch) => !batch.isControl && !undone.has(batch));
  return {
    records: new BatchRecords(at, position, readable),
    nextOffset: last < position ? position : last + 1n,
  };
}

/** A broker may cut off the last batch at the size limit of the fetch. That batch comes again. */
function wholeBatches(bytes: Buffer, position: bigint): readonly RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + batchPrefixBytes < bytes.length;) {
    const batch = new RecordBatch(bytes, at);
    const { sizeBytes } = batch;
    if (sizeBytes > batchPrefixBytes && at + sizeBytes > bytes.length) break;
    const damage = damageOf(batch);
    if (damage === undefined) batches.push(batch);
    else if ((batches.at(-1)?.lastOffset ?? -1n) >= position) break;
    else throw new MalformedBytes(damage);
    at += sizeBytes;
  }
  return batches;
}

function damageOf(batch: RecordBatch): string | undefined {
  const { sizeBytes, magic } = batch;
  if (sizeBytes <= batchPrefixBytes) return `it has a size of ${sizeBytes} bytes`;
  if (magic !== currentMagic) return `it has the format version ${magic}, not ${currentMagic}`;
  return batch.computeCrc() === batch.crc ? undefined : 'its checksum does not match';
}
