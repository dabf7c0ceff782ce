import type { OffsetToCommit } from '@millrace/streaming-core/client';
import { nextTurn } from './next-turn.ts';
import type { Member, Output } from './output.ts';
import { recoveryOf, type Recovery } from './recovery.ts';
import type { StreamsSettings } from './streams-options.ts';

/** The parts of a task that the committer uses. */
export interface CommittedTask {
  /** True if the task has processed or skipped a record, or run a callback, since its last commit. */
  readonly hasWork: boolean;
  /** Forwards what the caches hold back. Throws what the nodes throw. */
  flushCaches(): void;
  /** Resolves once everything that the task has written is acknowledged. */
  flushOutputs(): Promise<void>;
  offsets(): readonly OffsetToCommit[];
  /** Keeps the state, with the offsets of its changelogs. Called after the log has the commit. */
  keepState(): void;
  /** Undoes what the task has done to its state since the last commit, and forgets its records. */
  giveUp(): void;
}

/** `sliceMsMax` is the time after which other work gets the thread. */
type Slice = Pick<StreamsSettings, 'clock' | 'sliceMsMax'>;

/**
 * Commits tasks together. The log comes first and the state after it, so that a crash in between
 * leaves state that is older than its changelog and is brought up to it at the next start. State
 * that is newer than the log could not be taken back.
 */
export class Committer {
  readonly #output: Output;
  readonly #slice: Slice;

  constructor(output: Output, slice: Slice) {
    this.#output = output;
    this.#slice = slice;
  }

  /** Resolves to false if there was nothing to commit. After an error, call `recover`. */
  async commit(tasks: readonly CommittedTask[], member: Member): Promise<boolean> {
    const working = tasks.filter((task) => task.hasWork);
    if (working.length === 0) return false;
    await this.#flushCaches(working);
    // The offsets follow when everything is written, although a transaction would hold them back: the
    // next owner of a task waits for pending offsets, and relies on its changelogs to have all that
    // belongs to them.
    await Promise.all(working.map((task) => task.flushOutputs()));
    await this.#output.commit(
      member,
      working.flatMap((task) => task.offsets()),
    );
    for (const task of working) task.keepState();
    return true;
  }

  /** The full cache of one task takes half a second, and heartbeats must not wait for all. */
  async #flushCaches(tasks: readonly CommittedTask[]): Promise<void> {
    const { clock, sliceMsMax } = this.#slice;
    let beganAtMs = clock.monotonic();
    for (const task of tasks) {
      task.flushCaches();
      if (clock.monotonic() - beganAtMs < sliceMsMax) continue;
      await nextTurn();
      beganAtMs = clock.monotonic();
    }
  }

  /** Gives up the open work of all tasks. Rejects if the output cannot be used again yet. */
  async recover(tasks: readonly CommittedTask[], error: unknown): Promise<Recovery> {
    const recovery = recoveryOf(error);
    await this.#output.abort();
    for (const task of tasks) task.giveUp();
    if (recovery === 'rejoin') await this.#output.renew();
    return recovery;
  }
}
