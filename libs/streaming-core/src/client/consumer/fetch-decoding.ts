import { abortedBatches, type AbortedTransaction, type Batch } from './aborted-batches.ts';
import type { ConsumedRecord, TopicPartition } from '../types.ts';

/**
 * Record batch attributes (KIP-98, KIP-32): bit 3 selects the broker's timestamp, bit 5 marks a
 * transaction marker.
 */
const logAppendTime = 0x08;
const control = 0x20;

export interface DecodedRecords {
  readonly records: readonly ConsumedRecord[];
  readonly nextOffset: bigint;
}

/**
 * Returns the records from `position` on, and the offset to read next. A broker sends whole
 * batches, so the first records of a batch may lie before the position. The next offset follows
 * from the end of the last batch, because compaction and markers leave offsets without records.
 * Records of `aborted` transactions, which a read_committed response lists, are left out.
 */
export function decodeRecords(
  at: TopicPartition,
  position: bigint,
  batches: readonly Batch[],
  aborted: readonly AbortedTransaction[] = [],
): DecodedRecords {
  const undone = abortedBatches(batches, aborted);
  const records: ConsumedRecord[] = [];
  let nextOffset = position;
  for (const batch of batches) {
    if ((batch.attributes & control) === 0 && !undone.has(batch)) decodeBatch(at, position, batch, records);
    const afterBatch = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
    if (afterBatch > nextOffset) nextOffset = afterBatch;
  }
  return { records, nextOffset };
}

function decodeBatch(
  { topic, partition }: TopicPartition,
  position: bigint,
  batch: Batch,
  into: ConsumedRecord[],
): void {
  const brokerTime = (batch.attributes & logAppendTime) !== 0;
  for (const record of batch.records) {
    const offset = batch.firstOffset + BigInt(record.offsetDelta);
    if (offset < position) continue;
    const timestampMs = Number(
      brokerTime ? batch.maxTimestamp : batch.firstTimestamp + record.timestampDelta,
    );
    into.push({
      topic,
      partition,
      offset,
      timestampMs,
      key: record.key,
      value: record.value,
      headers: decodeHeaders(record.headers),
    });
  }
}

/** If a name occurs several times, its last value counts, as with Kafka's `Headers.lastHeader`. */
function decodeHeaders(
  headers: ReadonlyArray<readonly [Buffer | null, Buffer | null]>,
): ReadonlyMap<string, string> {
  const decoded = new Map<string, string>();
  for (const [name, value] of headers)
    decoded.set(name?.toString('utf8') ?? '', value?.toString('utf8') ?? '');
  return decoded;
}
