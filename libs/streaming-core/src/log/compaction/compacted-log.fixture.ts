import { everything } from '../data-folder/log-folder.fixture.ts';
import type { SegmentedPartitionLog } from '../partition-log.ts';
import { batchesIn, type RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch, type BatchOptions } from '../../records/record-batch-encoder.ts';
import { recordsOf } from '../../records/records.ts';
import type { PartitionLog } from '../partition-log-port.ts';

export const startMs = 1_700_000_000_000;
export const dayMs = 86_400_000;

/**
 * CPU time of this thread, because other processes run in between on a busy machine. The kernel
 * updates a thread's time at its clock ticks, 4 ms apart, or when the time of the process is read.
 */
const cpuMs = () => {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/**
 * A clock whose days pass only with `pass`. Its monotonic time, by which slices are measured, is
 * CPU time.
 */
export function calendar() {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    monotonic: cpuMs,
    after: () => () => undefined,
    pass: (ms: number) => void (nowMs += ms),
  };
}

export const compacted = {
  'cleanup.policy': 'compact',
  'segment.bytes': '400',
  'min.cleanable.dirty.ratio': '0',
};

/** Encodes pairs of key and value. A null value is a tombstone. */
export const batchOf = (
  pairs: ReadonlyArray<readonly [key: string, value: string | null]>,
  options: Partial<BatchOptions> = {},
) =>
  encodeBatch(
    pairs.map(([key, value]) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
    })),
    { timestampMs: BigInt(startMs), ...options },
  );

export function batchesOf(partition: PartitionLog): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let offset = partition.logStartOffset; offset < partition.highWatermark;) {
    const bytes = partition.read(offset, everything);
    batches.push(...batchesIn(bytes));
    offset = batches.at(-1)!.lastOffset + 1n;
  }
  return batches;
}

export const recordsIn = (partition: PartitionLog): string[] =>
  batchesOf(partition).flatMap((batch) =>
    (recordsOf(batch) ?? []).map(
      ({ offset, key, value }) => `${offset} ${String(key)}=${value === null ? 'null' : String(value)}`,
    ),
  );

export const compact = (partition: PartitionLog) => (partition as SegmentedPartitionLog).compact();
