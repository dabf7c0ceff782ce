import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from './disk.ts';

const fileName = 'recovery-point-offset-checkpoint';

/** By `topic-partition`: the offset below which everything is on disk. */
export type RecoveryPoints = ReadonlyMap<string, bigint>;

export const partitionName = (topic: string, partition: number): string => `${topic}-${partition}`;

/** Kafka's text format, version 0: a line with the version, one with the count, then `topic partition offset`. */
export async function writeRecoveryPoints(disk: Disk, folder: string, points: RecoveryPoints): Promise<void> {
  const lines = [...points].map(
    ([name, offset]) => `${name.slice(0, name.lastIndexOf('-'))} ${name.slice(name.lastIndexOf('-') + 1)} ${offset}`,
  );
  await disk.replaceFile(join(folder, fileName), ['0', lines.length, ...lines, ''].join('\n'));
}

/** Throws when the file is there and cannot be read: without it damage would pass for an unfinished write. */
export function readRecoveryPoints(folder: string): RecoveryPoints {
  const path = join(folder, fileName);
  if (!existsSync(path)) return new Map();
  const [version, count, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const points = lines.map((line) => /^(\S+) (\d+) (\d+)$/.exec(line));
  if (version !== '0' || Number(count) !== lines.length || points.includes(null))
    throw new Error(`${path} cannot be read: restore it from a copy`);
  return new Map(points.map((found) => [partitionName(found![1]!, Number(found![2])), BigInt(found![3]!)]));
}
