import { token } from '@millrace/service-chassis/service';
import type { LagReader, PartitionLag } from '@millrace/streaming-core/client';
import { pause, RetryLog, seconds, type Clock, type Logger } from '@millrace/streaming-core/runtime';
import type { Staleness } from './domain/page-view.ts';
import { sinkGroup } from './sinks/postgres-minutes.ts';
import { applicationId } from './topology.ts';

export const FIGURE_AGE = token<FigureAge>('FigureAge');

const lookEveryMs = seconds(1);
/** Figures that are older than this are said to be old. */
const ageMsMax = seconds(5);

interface FigureAgeOptions {
  readonly lags: Pick<LagReader, 'ofGroup' | 'close'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Watches up to which time all views are in the database, whichever processes count and write them. */
export class FigureAge {
  readonly #options: FigureAgeOptions;
  readonly #retries: RetryLog;
  readonly #stopping = new AbortController();
  readonly #steps = [
    { group: applicationId, reason: 'views wait to be counted', progress: new Progress() },
    { group: sinkGroup, reason: 'figures wait to be written to the database', progress: new Progress() },
  ];
  #lookedAtMs: number;
  #running: Promise<void> = Promise.resolve();

  constructor(options: FigureAgeOptions) {
    this.#options = options;
    this.#retries = new RetryLog(options);
    this.#lookedAtMs = options.clock.now();
  }

  /** The reason why the figures are old, or null if they are not. */
  get stale(): Staleness | null {
    const causes = [
      { reason: 'the brokers do not answer', atMs: this.#lookedAtMs },
      ...this.#steps.map(({ reason, progress }) => ({ reason, atMs: progress.completeAtMs ?? Infinity })),
    ];
    const oldest = causes.reduce((one, other) => (other.atMs < one.atMs ? other : one));
    if (oldest.atMs >= this.#options.clock.now() - ageMsMax) return null;
    return { reason: oldest.reason, since: new Date(oldest.atMs).toISOString() };
  }

  /** Reads how far the groups are. Rejects if the brokers do not say it. */
  async look(): Promise<void> {
    const { lags, clock } = this.#options;
    const atMs = clock.now();
    for (const { group, progress } of this.#steps) progress.note(await lags.ofGroup(group), atMs);
    this.#lookedAtMs = atMs;
  }

  start(): void {
    this.#running = this.#lookUntilStopped();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#options.lags.close();
    await this.#running;
  }

  async #lookUntilStopped(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.look();
        this.#retries.recovered('the age of the figures can be read again');
      } catch (error) {
        if (!signal.aborted) this.#retries.failed(error, 'the age of the figures cannot be read');
      }
      await pause(this.#options.clock, lookEveryMs, signal);
    }
  }
}

/** The progress of a group. At `completeAtMs`, it had handled every record that was on the log. */
class Progress {
  completeAtMs: number | undefined;
  /**
   * The ends of the partitions at a time. Once the group has reached them, it has handled everything up to
   * that time.
   */
  #goal: { readonly atMs: number; readonly lags: readonly PartitionLag[] } | undefined;

  note(lags: readonly PartitionLag[], atMs: number): void {
    // Behind the last record there may be markers of transactions, which no group reads.
    const behind = lags.filter(({ lag, lagMs }) => lag > 0n && lagMs !== undefined);
    if (behind.length === 0) {
      this.completeAtMs = atMs;
      this.#goal = undefined;
      return;
    }
    this.completeAtMs ??= atMs - Math.max(...behind.map(({ lagMs = 0 }) => lagMs));
    if (this.#goal !== undefined) {
      if (!isReached(this.#goal.lags, behind)) return;
      this.completeAtMs = this.#goal.atMs;
    }
    this.#goal = { atMs, lags: behind };
  }
}

const isReached = (goal: readonly PartitionLag[], behind: readonly PartitionLag[]): boolean =>
  behind.every(({ topic, partition, committedOffset }) =>
    goal.every(
      (end) => end.topic !== topic || end.partition !== partition || committedOffset >= end.endOffset,
    ),
  );
