import type { Clock, DurationMs } from '../../runtime/index.ts';
import type { GroupConsumer, TopicPartition } from '../../client/index.ts';
import type { Reports } from './reports.ts';

type Offset = TopicPartition & { readonly offset: bigint };

export interface LagCommitsOptions {
  readonly consumer: GroupConsumer;
  readonly clock: Clock;
  readonly delayMs: DurationMs;
  readonly reports: Reports;
  /** The committed offsets as PostgreSQL has them. */
  readonly offsets: () => readonly Offset[];
}

/** Kafka's own committed offsets follow, so that its tools show the lag. Nothing depends on them: what fails is logged and tried again. */
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
      this.schedule(); // a group that has nothing more to read would show its old lag for ever
    }
  }
}

const nameOf = ({ topic, partition }: TopicPartition) => `${topic}-${partition}`;
