import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from '../disk/disk.ts';

/** By `topic-partition`. */
export type Offsets = ReadonlyMap<string, bigint>;

/** Kafka's names. */
export const checkpointFiles = {
  /** Everything below is on disk. */
  recoveryPoint: 'recovery-point-offset-checkpoint',
  /** Everything below was deleted; partitions that begin at 0 are left out. */
  logStart: 'log-start-offset-checkpoint',
  /** Everything below was compacted; partitions that never were are left out. */
  cleaner: 'cleaner-offset-checkpoint',
} as const;

export const partitionName = (topic: string, partition: number): string => `${topic}-${partition}`;

/** Kafka's text format, version 0: a line with the version, one with the count, then `topic partition offset`. */
export async function writeOffsets(disk: Disk, path: string, offsets: Offsets): Promise<void> {
  const lines = [...offsets].map(
    ([name, offset]) =>
      `${name.slice(0, name.lastIndexOf('-'))} ${name.slice(name.lastIndexOf('-') + 1)} ${offset}`,
  );
  await disk.replaceFile(path, ['0', lines.length, ...lines, ''].join('\n'));
}

/** Undefined when there is no such file. Throws when it is there and cannot be read: without it damage would pass for an unfinished write. */
export function readOffsets(folder: string, file: string): Offsets | undefined {
  const path = join(folder, file);
  if (!existsSync(path)) return undefined;
  const [version, count, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const points = lines.map((line) => /^(\S+) (\d+) (\d+)$/.exec(line));
  if (version !== '0' || Number(count) !== lines.length || points.includes(null))
    throw new Error(`${path} cannot be read: restore it from a copy`);
  return new Map(points.map((found) => [partitionName(found![1]!, Number(found![2])), BigInt(found![3]!)]));
}
