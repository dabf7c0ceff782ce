import type { OpenLogReader, PartitionOffset, TopicPartition } from '@millrace/streaming-core/client';
import { InvalidInput } from './errors.ts';

/**
 * A point in every partition: an offset, the last records before the end, a time, or the beginning
 * or end of the log.
 */
export type Bound =
  | { readonly kind: 'beginning' | 'end' }
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'last'; readonly count: bigint }
  | { readonly kind: 'time'; readonly timestampMs: number };

/** Lists the texts that `parseBound` accepts, for errors and for the help of commands. */
export const boundMeaning =
  'beginning, end, an offset, -N for the last N of each partition, or a time such as 2026-11-22T09:00:00Z';

/** Parses a bound. Throws `InvalidInput` for any other text, with the name of its field or option. */
export function parseBound(text: string, field: string): Bound {
  if (text === 'beginning' || text === 'end') return { kind: text };
  if (/^\d{1,18}$/.test(text)) return { kind: 'offset', offset: BigInt(text) };
  if (/^-\d{1,9}$/.test(text)) return { kind: 'last', count: -BigInt(text) };
  const timestampMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (timestampMs >= 0) return { kind: 'time', timestampMs };
  throw new InvalidInput(`${field} ${text}: give ${boundMeaning}`);
}

/** Returns the partitions of a topic, or the one that is wanted. Throws `InvalidInput` if there is none. */
export async function partitionsOf(
  reader: Pick<OpenLogReader, 'identify'>,
  topic: string,
  wanted?: number,
): Promise<readonly TopicPartition[]> {
  const { partitions = 0 } = (await reader.identify([topic])).get(topic) ?? {};
  if (wanted !== undefined && wanted >= partitions)
    throw new InvalidInput(`${topic} has no partition ${wanted}: give a number from 0 to ${partitions - 1}`);
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  return wanted === undefined ? all : all.filter(({ partition }) => partition === wanted);
}

/** What is to be read of a partition: from an offset on, and before the end. */
export interface ReadRange extends PartitionOffset {
  readonly end: bigint;
}

type AskedLog = Pick<OpenLogReader, 'beginningOffsets' | 'endOffsets' | 'offsetsForTimes'>;

/** Asks the log what lies between two bounds in each partition, in the order of the partitions. */
export async function rangesBetween(
  reader: AskedLog,
  partitions: readonly TopicPartition[],
  from: Bound,
  to: Bound = { kind: 'end' },
): Promise<readonly ReadRange[]> {
  const [starts, ends] = await Promise.all([
    reader.beginningOffsets(partitions),
    reader.endOffsets(partitions),
  ]);
  const logs = partitions.map((_, index) => ({
    start: starts[index]?.offset ?? 0n,
    end: ends[index]?.offset ?? 0n,
  }));
  const [begins, limits] = await Promise.all([
    offsetsAt(from, partitions, logs, reader),
    offsetsAt(to, partitions, logs, reader),
  ]);
  return partitions.map(({ topic, partition }, index) => ({
    topic,
    partition,
    offset: begins[index] ?? 0n,
    end: limits[index] ?? 0n,
  }));
}

/** A log: from its first record on, and before its end. */
interface Log {
  readonly start: bigint;
  readonly end: bigint;
}

/** Returns the offset of the bound in each partition, within its log. */
async function offsetsAt(
  bound: Bound,
  partitions: readonly TopicPartition[],
  logs: readonly Log[],
  reader: AskedLog,
): Promise<readonly bigint[]> {
  const timed =
    bound.kind === 'time'
      ? await reader.offsetsForTimes(
          partitions.map(({ topic, partition }) => ({ topic, partition, timestampMs: bound.timestampMs })),
        )
      : [];
  return logs.map((log, index) => within(log, offsetAt(bound, log, timed[index]?.offset)));
}

function offsetAt(bound: Bound, { start, end }: Log, timed: bigint | undefined): bigint {
  switch (bound.kind) {
    case 'beginning':
      return start;
    case 'end':
      return end;
    case 'offset':
      return bound.offset;
    case 'last':
      return end - bound.count;
    case 'time':
      return timed ?? end;
  }
}

function within({ start, end }: Log, offset: bigint): bigint {
  if (offset < start) return start;
  return offset > end ? end : offset;
}
