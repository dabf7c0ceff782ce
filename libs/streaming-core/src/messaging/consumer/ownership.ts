import { pause, type Clock } from '../../runtime/index.ts';
import type { GroupConsumer, TopicPartition } from '../../client/index.ts';
import { type SqlDatabase, type SqlTransaction } from '../../postgres/index.ts';
import { FencedError } from './consumer-error.ts';
import { retryDelay, type ConsumerLimits } from './limits.ts';
import { CatchingUp } from './catching-up.ts';
import { lock, type OffsetRow } from './offset-store.ts';
import { parkedAmong } from './parked-store.ts';
import type { Reports } from './reports.ts';

/** A partition that this process owns now. Its epoch fences the previous owner. */
export interface OwnedPartition extends TopicPartition {
  readonly epoch: bigint;
  /**
   * Returns the last known moment, by the process's clock in Unix milliseconds, before which all
   * messages are handled: the offsets committed in PostgreSQL for this partition number of each
   * topic have reached the ends that the log had then. Returns `-Infinity` if there was no such
   * moment since the last disruption. It reads new ends only once the earlier ones are reached, so
   * the moment advances under any load.
   */
  caughtUpTo(topics: readonly string[]): Promise<number>;
  /**
   * Returns those of `keys` that have a parked message of this group on one of `topics`. It needs
   * one query, however many keys there are.
   */
  parkedAmong(topics: readonly string[], keys: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Runs `work` in a transaction and unit of work whose first statement locks the offset row and
   * checks its epoch. Rejects with `FencedError` if the epoch has changed.
   */
  transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>): Promise<Result>;
}

export interface OwnershipListener {
  /**
   * Called after an assignment and after a failed fetch, when replies may be late because of this
   * process or the log.
   */
  onDisrupted?(partition: OwnedPartition): Promise<void>;
  onOwned?(partition: OwnedPartition): void;
  /** No transaction of `partition` may start after this has resolved. */
  onLost?(partition: TopicPartition): Promise<void>;
}

export interface OwnershipOptions {
  readonly row: OffsetRow;
  readonly database: SqlDatabase;
  readonly consumer: GroupConsumer;
  readonly clock: Clock;
  readonly limits: ConsumerLimits;
  readonly reports: Reports;
  readonly listeners: readonly OwnershipListener[];
  readonly signal: AbortSignal;
  readonly onFenced: (error: FencedError) => void;
  /** Called when a timer waits for messages that have not been handled. */
  readonly onBehind: () => void;
}

/**
 * Lets the owner of a partition do work other than handling its messages. The partition counts as
 * disrupted at the start and after each failed fetch, until every listener has been notified.
 * Meanwhile `caughtUpTo` reports no moment, so no timer fires because of messages that an outage
 * delayed.
 */
export class Ownership implements OwnedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly epoch: bigint;
  readonly #options: OwnershipOptions;
  readonly #transactions = new Set<Promise<unknown>>();
  readonly #catchingUp: CatchingUp;
  #disruptions = 1;
  #settledDisruptions = 0;
  #announced = false;
  #telling: Promise<void> | undefined;

  constructor(options: OwnershipOptions) {
    this.#options = options;
    ({ topic: this.topic, partition: this.partition, epoch: this.epoch } = options.row);
    this.#catchingUp = new CatchingUp(options);
  }

  disrupted(): void {
    this.#disruptions += 1;
    this.#catchingUp.forget();
  }

  /**
   * Call this when the log answers. It notifies the listeners of a disruption, if there was one.
   */
  healthy(): void {
    if (this.#disruptions === this.#settledDisruptions) return;
    this.#telling ??= this.#tell().finally(() => (this.#telling = undefined));
  }

  async caughtUpTo(topics: readonly string[]): Promise<number> {
    if (this.#unsettled()) return -Infinity;
    const disruptions = this.#disruptions;
    const reachedMs = await this.#catchingUp.reachedMs(topics);
    if (!this.#unsettled() && disruptions === this.#disruptions) return reachedMs;
    this.#catchingUp.forget();
    return -Infinity;
  }

  parkedAmong(topics: readonly string[], keys: readonly string[]): Promise<ReadonlySet<string>> {
    const { database, row } = this.#options;
    return parkedAmong(database, row.group, topics, keys);
  }

  async transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>): Promise<Result> {
    const { row, database, signal, onFenced } = this.#options;
    if (signal.aborted) throw new FencedError(`this process no longer owns ${this.topic}-${this.partition}`);
    const running = database.transaction(async (transaction) => {
      await lock(transaction, row);
      return transaction.lastUnitOfWork(() => work(transaction));
    });
    this.#transactions.add(running);
    try {
      return await running;
    } catch (error) {
      if (error instanceof FencedError) onFenced(error);
      throw error;
    } finally {
      this.#transactions.delete(running);
    }
  }

  /**
   * Call this after the signal was aborted. Resolves once no transaction is open and every
   * listener has been notified.
   */
  async lost(): Promise<void> {
    const { listeners, reports } = this.#options;
    const place = { topic: this.topic, partition: this.partition };
    const told = listeners.map(async (listener) => listener.onLost?.(place));
    for (const result of await Promise.allSettled([...told, ...this.#transactions, this.#telling]))
      if (result.status === 'rejected')
        reports.failed(
          result.reason,
          'an ownership listener or transaction failed while the partition was being released',
          place,
        );
  }

  #unsettled(): boolean {
    return this.#options.signal.aborted || this.#disruptions !== this.#settledDisruptions;
  }

  async #tell(): Promise<void> {
    const { signal, listeners, clock, limits, reports } = this.#options;
    for (let failures = 0; !signal.aborted;) {
      const disruptions = this.#disruptions;
      try {
        for (const listener of listeners) await listener.onDisrupted?.(this);
        this.#settledDisruptions = disruptions;
        if (!this.#announced && !signal.aborted) for (const listener of listeners) listener.onOwned?.(this);
        this.#announced = true;
        reports.succeeded('listener', this);
        return;
      } catch (error) {
        failures += 1;
        reports.retrying(error, 'listener', this);
        await pause(clock, retryDelay(limits, failures), signal);
      }
    }
  }
}
