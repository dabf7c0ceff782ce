import type { OffsetToCommit } from '@millrace/streaming-core/client';
import { nextTurn } from './next-turn.ts';
import type { Member, Output } from './output.ts';
import { recoveryOf, type Recovery } from './recovery.ts';
import type { StreamsSettings } from './streams-options.ts';

/** The parts of a task that the committer uses. */
export interface CommittedTask {
  /**
   * Whether the task has processed or skipped a record, or run a callback, since its last commit.
   */
  readonly hasWork: boolean;
  /** Forwards the updates that the caches hold back. Throws the errors of the nodes. */
  flushCaches(): void;
  /** Resolves once everything that the task has written has been acknowledged. */
  flushOutputs(): Promise<void>;
  offsets(): readonly OffsetToCommit[];
  /** Keeps the state, with the offsets of its changelogs. Called after the log has the commit. */
  keepState(): void;
  /** Undoes the task's changes to its state since the last commit, and forgets its records. */
  giveUp(): void;
}

/** `sliceMsMax` is the time after which other work may use the thread. */
type Slice = Pick<StreamsSettings, 'clock' | 'sliceMsMax'>;

/**
 * Commits tasks together. The log is committed first and the state after it. A crash in between
 * leaves state that is older than its changelog, and the next start restores the rest. State newer
 * than the log could not be undone.
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
    // The offsets are sent only after everything is written, although a transaction would hold them
    // back anyway. The next owner of a task waits only for pending offsets, and expects its
    // changelogs to have everything that belongs to them.
    await Promise.all(working.map((task) => task.flushOutputs()));
    await this.#output.commit(
      member,
      working.flatMap((task) => task.offsets()),
    );
    for (const task of working) task.keepState();
    return true;
  }

  /**
   * Flushes the caches, and lets heartbeats run in between: the full cache of one task can take
   * half a second.
   */
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
