import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { GroupConsumer, OffsetToCommit, TopicPartition } from '../../client/index.ts';
import type { Reports } from './reports.ts';

export interface LagCommitsOptions {
  readonly consumer: GroupConsumer;
  readonly clock: Clock;
  readonly delayMs: DurationMs;
  readonly reports: Reports;
  /** The offsets that PostgreSQL has committed. */
  readonly offsets: () => readonly OffsetToCommit[];
}

/**
 * Commits the offsets to the broker as well, after PostgreSQL has committed them. Kafka's tools
 * compute the lag from them, and the next owner of a partition uses them to detect a database that
 * is older than the log. A failed commit is logged and repeated, and nothing waits for it.
 */
export class LagCommits {
  readonly #options: LagCommitsOptions;
  readonly #sent = new Map<string, bigint>();
  #cancel: (() => void) | undefined;

  constructor(options: LagCommitsOptions) {
    this.#options = options;
  }

  schedule(): void {
    this.#cancel ??= this.#options.clock.after(this.#options.delayMs, () => void this.flush());
  }

  async flush(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
    const moved = this.#options
      .offsets()
      .filter((offset) => this.#sent.get(nameOf(offset)) !== offset.offset);
    if (moved.length === 0) return;
    try {
      await this.#options.consumer.commit(moved);
      for (const offset of moved) this.#sent.set(nameOf(offset), offset.offset);
      this.#options.reports.succeeded('offsets');
    } catch (error) {
      this.#options.reports.retrying(error, 'offsets');
      this.schedule(); // otherwise a group without new records would show its old lag forever
    }
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`;
