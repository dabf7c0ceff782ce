import { pause, serialQueue } from '../../../runtime/index.ts';
import { backoffDelay, passes } from '../../connection/retries.ts';
import { isProtocolError } from '../../errors/client-error.ts';
import type { OffsetToCommit, TopicPartition } from '../../topic-partition.ts';
import type { ConsumerSettings } from './consumer-settings.ts';
import type { HeldPartitions } from './held-partitions.ts';

type Send = (offsets: readonly OffsetToCommit[]) => Promise<void>;

/** Commits offsets one request at a time, so that an older one never overtakes a newer one. */
export class OffsetCommits {
  readonly #settings: ConsumerSettings;
  readonly #partitions: HeldPartitions;
  readonly #send: Send;
  readonly #closing: AbortSignal;
  readonly #oneByOne = serialQueue();

  /** Once `closing` has aborted, a rebalance delays nothing but is an error. */
  constructor(settings: ConsumerSettings, partitions: HeldPartitions, closing: AbortSignal, send: Send) {
    this.#settings = settings;
    this.#partitions = partitions;
    this.#closing = closing;
    this.#send = send;
  }

  /** Rejects with `not_member` if a partition has another owner now. */
  commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    return this.#oneByOne(() => this.#commit(offsets));
  }

  /** Commits what is finished of the partitions, if it has not been committed yet. */
  commitFinished(partitions: () => readonly TopicPartition[]): Promise<void> {
    return this.#oneByOne(() =>
      this.#commit(
        partitions().flatMap((at) => {
          if (!this.#partitions.has(at)) return [];
          const { topic, partition, finished, isAhead } = this.#partitions.of(at);
          return finished !== undefined && isAhead ? [{ topic, partition, offset: finished }] : [];
        }),
      ),
    );
  }

  /** Repeats a commit that a rebalance or an unreachable coordinator has rejected. */
  async #commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    if (offsets.length === 0) return;
    const { clock, requestTimeoutMs } = this.#settings;
    const deadline = clock.monotonic() + requestTimeoutMs;
    for (let attempt = 0; ; attempt += 1) {
      for (const at of offsets) this.#partitions.of(at);
      try {
        await this.#send(offsets);
        for (const at of offsets) if (this.#partitions.has(at)) this.#partitions.of(at).committed = at.offset;
        return;
      } catch (error) {
        const mayPass =
          passes(error) || isProtocolError(error, 'REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION');
        if (!mayPass || this.#closing.aborted || clock.monotonic() >= deadline) throw error;
        await pause(clock, backoffDelay(attempt, this.#settings), this.#closing);
      }
    }
  }
}
