import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent } from '../disk/read-if-present.ts';
import type { EpochStart } from './leader-epochs.ts';

const leaderEpochFile = 'leader-epoch-checkpoint';

/**
 * Writes Kafka's text format, version 0: a line with the version, one with the count, then `epoch
 * startOffset`. Returns the path. The file is durable once it and the folder are synced.
 */
export function writeLeaderEpochs(folder: string, starts: readonly EpochStart[]): string {
  const path = join(folder, leaderEpochFile);
  const lines = starts.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`);
  writeFileSync(`${path}.tmp`, ['0', lines.length, ...lines, ''].join('\n'));
  renameSync(`${path}.tmp`, path);
  return path;
}

/**
 * Returns undefined if the file is missing or malformed: the batches of the log have the epochs,
 * too.
 */
export function readLeaderEpochs(folder: string): readonly EpochStart[] | undefined {
  const text = readIfPresent(join(folder, leaderEpochFile))?.toString();
  if (text === undefined) return undefined;
  const [version, count, ...lines] = text.trimEnd().split('\n');
  const found = lines.map((line) => /^(\d{1,10}) (\d{1,19})$/.exec(line));
  if (version !== '0' || Number(count) !== lines.length || found.includes(null)) return undefined;
  const starts = found.map((one) => ({ epoch: Number(one![1]), startOffset: BigInt(one![2]!) }));
  const rises = starts.every((one, place) => place === 0 || follows(starts[place - 1]!, one));
  return rises ? starts : undefined;
}

const follows = (earlier: EpochStart, later: EpochStart): boolean =>
  earlier.epoch < later.epoch && earlier.startOffset < later.startOffset;
