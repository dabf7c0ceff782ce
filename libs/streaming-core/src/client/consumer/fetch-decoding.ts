import { batchPrefixBytes, currentMagic, RecordBatch } from '../../records/record-batch.ts';
import { MalformedBytes } from '../../records/varint.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { BatchRecords } from './batch-records.ts';

interface DecodedBatches {
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
  const last = batches.at(-1)?.lastOffset ?? -1n;
  return {
    records: new BatchRecords(at, position, batches, abortedBatches(batches, aborted)),
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

export type BatchHeader = Pick<
  RecordBatch,
  'producerId' | 'baseOffset' | 'lastOffset' | 'isTransactional' | 'isControl'
>;

/** A transaction that a fetch response lists as aborted, with the offset of its first record. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

/**
 * Returns the batches of a fetch response that belong to aborted transactions, by Kafka's rule
 * (KIP-98). The broker lists each aborted transaction that overlaps the response with its producer
 * and its first offset. The transaction begins with the first batch that reaches that offset, and
 * ends with the producer's next marker. The same producer may abort again or commit within one
 * response, and the marker may be in a later response.
 */
export function abortedBatches<Batch extends BatchHeader>(
  batches: readonly Batch[],
  aborted: readonly AbortedTransaction[],
): ReadonlySet<Batch> {
  const undone = new Set<Batch>();
  if (aborted.length === 0) return undone;
  const waiting = [...aborted].sort((left, right) => (left.firstOffset < right.firstOffset ? -1 : 1));
  const aborting = new Set<bigint>();
  for (const batch of batches) {
    const { lastOffset, producerId } = batch;
    for (let next = waiting[0]; next !== undefined && next.firstOffset <= lastOffset; next = waiting[0]) {
      aborting.add(next.producerId);
      waiting.shift();
    }
    if (batch.isControl) aborting.delete(producerId);
    else if (batch.isTransactional && aborting.has(producerId)) undone.add(batch);
  }
  return undone;
}
