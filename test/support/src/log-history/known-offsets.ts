import type { PolledRecord } from './log-history.ts';

/** Every value that anyone saw, by partition and offset. */
export type KnownOffsets = ReadonlyMap<string, ReadonlyMap<bigint, ReadonlySet<string>>>;

export const partitionOf = ({ topic, partition }: Pick<PolledRecord, 'topic' | 'partition'>): string =>
  `${topic}-${partition}`;

export function knownOffsets(seen: readonly PolledRecord[]): KnownOffsets {
  const known = new Map<string, Map<bigint, Set<string>>>();
  for (const record of seen) {
    const offsets = known.get(partitionOf(record)) ?? new Map<bigint, Set<string>>();
    offsets.set(record.offset, (offsets.get(record.offset) ?? new Set()).add(record.value));
    known.set(partitionOf(record), offsets);
  }
  return known;
}
