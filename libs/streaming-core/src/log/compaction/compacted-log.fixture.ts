import { everything } from '../data-folder/log-folder.fixture.ts';
import type { SegmentedPartitionLog } from '../partition-log.ts';
import { batchesIn } from '../../records/batches-in.ts';
import type { RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch, type BatchOptions } from '../../records/record-batch-encoder.ts';
import { recordsOf } from '../../records/records.ts';
import type { PartitionLog } from '../partition-log-port.ts';

export const startMs = 1_700_000_000_000;
export const dayMs = 86_400_000;

/**
 * Of this thread alone: on a busy machine others run in between. The kernel brings a thread's time up to date at its clock's ticks, 4 ms apart, or
 * when the process's is asked for.
 */
const cpuMs = () => {
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** A clock whose days pass when a test says so; slices are measured by what they compute. */
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

/** Pairs of key and value; null deletes. */
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
