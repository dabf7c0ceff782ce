import { renameSync, writeFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent, isDiskFull, type Disk } from '../disk/disk.ts';
import type { EpochEnd } from '../partition-log-port.ts';
import type { Segment } from '../segments/segment.ts';

/** A leader epoch and the offset of the first record written in it. */
export interface EpochStart {
  readonly epoch: number;
  readonly startOffset: bigint;
}

/**
 * The leader epochs in which a partition's records were written. Epochs and start offsets both
 * rise.
 */
export class LeaderEpochs {
  #starts: readonly EpochStart[];

  constructor(starts: readonly EpochStart[]) {
    this.#starts = starts;
  }

  get starts(): readonly EpochStart[] {
    return this.#starts;
  }
  get latest(): number | undefined {
    return this.#starts.at(-1)?.epoch;
  }

  epochAt(offset: bigint): number | undefined {
    return this.#starts.findLast(({ startOffset }) => startOffset <= offset)?.epoch;
  }

  /**
   * Answers OffsetForLeaderEpoch (KIP-279, KIP-320) for a leader in the `current` epoch, which may
   * have no records yet.
   */
  endOf(asked: number, current: number, logEndOffset: bigint): EpochEnd {
    if (asked === unknown.leaderEpoch || asked > current) return unknown;
    if (asked === current) return { leaderEpoch: current, endOffset: logEndOffset };
    const starts = this.#startsWith({ epoch: current, startOffset: logEndOffset });
    const next = starts.findIndex(({ epoch }) => epoch > asked);
    return { leaderEpoch: starts[next - 1]?.epoch ?? asked, endOffset: starts[next]!.startOffset };
  }

  /** Call this before a record is written. A new epoch counts once `save` has returned. */
  begin(epoch: number, startOffset: bigint, save: (starts: readonly EpochStart[]) => void): void {
    if (this.latest !== undefined && this.latest >= epoch) return;
    const starts = this.#startsWith({ epoch, startOffset });
    save(starts);
    this.#starts = starts;
  }

  /**
   * Forgets what is below the log's new start: the epoch that contains the start now begins there.
   * The change counts at once; `save` stores it for the next start of the broker.
   */
  beginAt(logStartOffset: bigint, save: (starts: readonly EpochStart[]) => void): void {
    const starts = startsFrom(this.#starts, logStartOffset);
    if (starts === this.#starts) return;
    this.#starts = starts;
    save(starts);
  }

  /** Replaces an epoch without records by the next one at the same offset. */
  #startsWith(begun: EpochStart): readonly EpochStart[] {
    if (this.latest !== undefined && this.latest >= begun.epoch) return this.#starts;
    return [...this.#starts.filter(({ startOffset }) => startOffset < begun.startOffset), begun];
  }
}

/** Returns the same list if nothing in it is below the offset. */
function startsFrom(starts: readonly EpochStart[], logStartOffset: bigint): readonly EpochStart[] {
  const place = starts.findLastIndex(({ startOffset }) => startOffset <= logStartOffset);
  if (place < 0 || (place === 0 && starts[0]!.startOffset === logStartOffset)) return starts;
  return [{ epoch: starts[place]!.epoch, startOffset: logStartOffset }, ...starts.slice(place + 1)];
}

const unknown: EpochEnd = { leaderEpoch: -1, endOffset: -1n };

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
function readLeaderEpochs(folder: string): readonly EpochStart[] | undefined {
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

/**
 * Reads the epochs of a log from its file, or from its batches if the file is missing, damaged or
 * older than the log.
 */
export function recoverLeaderEpochs(
  folder: string,
  segments: readonly Segment[],
  logStartOffset: bigint,
): LeaderEpochs {
  const last = segments.findLast(({ lastLeaderEpoch }) => lastLeaderEpoch !== undefined)?.lastLeaderEpoch;
  if (last === undefined) return new LeaderEpochs([]);
  const end = segments.at(-1)!.nextOffset;
  const stored = readLeaderEpochs(folder)?.filter(({ startOffset }) => startOffset < end);
  const fits = stored !== undefined && stored.at(-1)?.epoch === last;
  return new LeaderEpochs(
    fits ? startsFrom(stored, logStartOffset) : epochsInBatches(segments, logStartOffset),
  );
}

/** Does not scan a segment in which the epoch does not change. */
function epochsInBatches(segments: readonly Segment[], logStartOffset: bigint): readonly EpochStart[] {
  const starts: EpochStart[] = [];
  const note = (epoch: number, startOffset: bigint) => {
    if (starts.length === 0 || starts.at(-1)!.epoch < epoch) starts.push({ epoch, startOffset });
  };
  for (const segment of segments) {
    const first = segment.firstBatch();
    if (first === undefined) continue;
    note(first.leaderEpoch, first.baseOffset > logStartOffset ? first.baseOffset : logStartOffset);
    if (segment.lastLeaderEpoch === first.leaderEpoch) continue;
    for (const { batch } of segment.headers()) note(batch.leaderEpoch, batch.baseOffset);
  }
  return starts;
}

const fileName = 'broker-starts';

/**
 * Counts the starts of the broker on this folder, from which `leaderEpochIn` computes the leader
 * epochs. The count is on disk before anything is written in the new epoch. On a full disk the
 * count stays the same, so that the broker can serve the records that it has.
 */
export async function countStart(disk: Disk, folder: string): Promise<number> {
  const path = join(folder, fileName);
  const text = existsSync(path) ? readFileSync(path, 'utf8').trim() : '0';
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${path} cannot be read: restore it from a copy`);
  const starts = Number(text) + 1;
  try {
    await disk.replaceFile(path, `${starts}\n`);
    return starts;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    return Number(text);
  }
}

/**
 * The leader epoch of a topic's partitions: 0 until the broker that created the topic stops, and 2
 * more for each start after that. A single Apache Kafka node counts the same way: one for the loss
 * of the leader, one for the election of the same node.
 */
export const leaderEpochIn = (start: number, topic: { readonly createdInStart: number }): number =>
  2 * (start - topic.createdInStart);
