import { partitionOf, type KnownOffsets } from './known-offsets.ts';
import type { LogAnomaly, Poll, PolledRecord } from './log-history.ts';

interface Position {
  readonly assignment: number;
  readonly poll: number;
  readonly offset: bigint;
}

/**
 * Checks that each consumer read each partition forwards, without skipping a record that others saw
 * in between.
 */
export function pollAnomalies(polls: readonly Poll[], known: KnownOffsets): readonly LogAnomaly[] {
  const sorted = new Map(
    [...known].map(([partition, offsets]) => [
      partition,
      [...offsets.keys()].sort((one, other) => (one < other ? -1 : 1)),
    ]),
  );
  const positions = new Map<string, Position>();
  const anomalies: LogAnomaly[] = [];
  for (const [poll, { consumer, assignment, records }] of polls.entries())
    for (const record of records) {
      const key = `${consumer} in ${partitionOf(record)}`;
      const before = positions.get(key);
      if (before?.assignment === assignment)
        anomalies.push(
          ...stepAnomalies(key, before, { poll, record }, sorted.get(partitionOf(record)) ?? []),
        );
      positions.set(key, { assignment, poll, offset: record.offset });
    }
  return anomalies;
}

function stepAnomalies(
  subject: string,
  before: Position,
  now: { readonly poll: number; readonly record: PolledRecord },
  offsets: readonly bigint[],
): readonly LogAnomaly[] {
  const { offset } = now.record;
  const isWithin = before.poll === now.poll;
  if (offset <= before.offset)
    return [
      {
        kind: isWithin ? 'internal-nonmonotonic-poll' : 'nonmonotonic-poll',
        subject,
        detail: `${offset} came after ${before.offset}`,
      },
    ];
  const next = offsets[firstAbove(offsets, before.offset)];
  if (next === undefined || next >= offset) return [];
  return [
    {
      kind: isWithin ? 'internal-poll-skip' : 'poll-skip',
      subject,
      detail: `${offset} came after ${before.offset}, and others saw ${next}`,
    },
  ];
}

function firstAbove(offsets: readonly bigint[], offset: bigint): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] ?? 0n) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
