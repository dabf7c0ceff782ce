import type { EpochEnd } from '../partition-log-port.ts';

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
export function startsFrom(starts: readonly EpochStart[], logStartOffset: bigint): readonly EpochStart[] {
  const place = starts.findLastIndex(({ startOffset }) => startOffset <= logStartOffset);
  if (place < 0 || (place === 0 && starts[0]!.startOffset === logStartOffset)) return starts;
  return [{ epoch: starts[place]!.epoch, startOffset: logStartOffset }, ...starts.slice(place + 1)];
}

const unknown: EpochEnd = { leaderEpoch: -1, endOffset: -1n };
