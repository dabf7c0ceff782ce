import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from '../disk/disk.ts';

/** Keyed by `topic-partition`. */
export type Offsets = ReadonlyMap<string, bigint>;

/** The names are Kafka's. */
export const checkpointFiles = {
  /** Everything below the offset is on disk. */
  recoveryPoint: 'recovery-point-offset-checkpoint',
  /** Everything below the offset was deleted. The file omits partitions that begin at 0. */
  logStart: 'log-start-offset-checkpoint',
  /**
   * Everything below the offset was compacted. The file omits partitions that were never compacted.
   */
  cleaner: 'cleaner-offset-checkpoint',
} as const;

export const partitionName = (topic: string, partition: number): string => `${topic}-${partition}`;

/**
 * Writes Kafka's text format, version 0: a line with the version, one with the count, then `topic
 * partition offset`.
 */
export async function writeOffsets(disk: Disk, path: string, offsets: Offsets): Promise<void> {
  const lines = [...offsets].map(
    ([name, offset]) =>
      `${name.slice(0, name.lastIndexOf('-'))} ${name.slice(name.lastIndexOf('-') + 1)} ${offset}`,
  );
  await disk.replaceFile(path, ['0', lines.length, ...lines, ''].join('\n'));
}

/**
 * Returns undefined if the file does not exist. Throws if it is malformed, because without the
 * offsets damage would look like an unfinished write.
 */
export function readOffsets(folder: string, file: string): Offsets | undefined {
  const path = join(folder, file);
  if (!existsSync(path)) return undefined;
  const [version, count, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const points = lines.map((line) => /^(\S+) (\d+) (\d+)$/.exec(line));
  if (version !== '0' || Number(count) !== lines.length || points.includes(null))
    throw new Error(`${path} cannot be read: restore it from a copy`);
  return new Map(points.map((found) => [partitionName(found![1]!, Number(found![2])), BigInt(found![3]!)]));
}
