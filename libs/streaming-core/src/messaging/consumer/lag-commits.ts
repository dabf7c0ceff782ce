import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { GroupConsumer, TopicPartition } from '../../client/index.ts';
import type { Reports } from './reports.ts';

type Offset = TopicPartition & { readonly offset: bigint };

export interface LagCommitsOptions {
  readonly consumer: GroupConsumer;
  readonly clock: Clock;
  readonly delayMs: DurationMs;
  readonly reports: Reports;
  /** Returns the offsets that are committed in PostgreSQL. */
  readonly offsets: () => readonly Offset[];
}

/**
 * Commits the offsets to Kafka as well, so that its tools show the lag. Nothing else depends on
 * them. Failures are logged and retried.
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
      this.schedule(); // otherwise a group without new records would show its old lag for ever
    }
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`;
