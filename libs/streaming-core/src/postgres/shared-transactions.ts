import type { Clock, DurationMs } from '../runtime/index.ts';

/**
 * A shared transaction has failed. Each participant repeats its work alone, which shows which one
 * is at fault.
 */
export class SharedTransactionFailure extends Error {
  override readonly name = 'SharedTransactionFailure';

  constructor(cause: unknown) {
    super('a shared transaction failed', { cause });
  }
}

export interface SharedWork<Item> {
  readonly item: Item;
  /** The item's share of `weightMax`. */
  readonly weight: number;
  /** Whether the item needs its own transaction, so that its failure affects no other item. */
  readonly alone: boolean;
  /** After an abort the item is not started. */
  readonly signal?: AbortSignal;
}

export interface SharedTransactionsOptions<Item, Result> {
  readonly clock: Clock;
  readonly transactionsConcurrentMax: number;
  /** A transaction that runs for longer than this no longer delays the next one. */
  readonly gatherMsMax: DurationMs;
  weightMax(): number;
  /** Runs one transaction for all items and returns their results in the same order. */
  run(items: readonly [Item, ...Item[]]): Promise<readonly Result[]>;
}

interface Waiting<Item, Result> extends SharedWork<Item> {
  resolve(result: Result | undefined): void;
  reject(error: unknown): void;
}

/**
 * Groups work items into transactions, as a group commit does. Items that become ready while a
 * transaction runs share the next one. Under load many items share the cost of a transaction, and
 * without load an item starts at once.
 */
export class SharedTransactions<Item, Result> {
  readonly #options: SharedTransactionsOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #running = 0;
  /** The number of running transactions that new work items still wait for. */
  #gathering = 0;
  #beginning = false;

  constructor(options: SharedTransactionsOptions<Item, Result>) {
    this.#options = options;
  }

  /**
   * Resolves to undefined if the item was aborted before it started. Rejects with the error of
   * `run` if the item ran alone, otherwise with `SharedTransactionFailure`.
   */
  submit(work: SharedWork<Item>): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...work, resolve, reject });
      this.#beginSoon();
    });
  }

  /**
   * Begins at the end of this turn of the event loop, so that items that arrive in the same turn
   * share a transaction.
   */
  #beginSoon(): void {
    if (this.#beginning) return;
    this.#beginning = true;
    setImmediate(() => {
      this.#beginning = false;
      this.#begin();
    });
  }

  #begin(): void {
    if (this.#gathering > 0 || this.#running >= this.#options.transactionsConcurrentMax) return;
    const [first, ...others] = this.#take();
    if (first !== undefined) void this.#run(first, others);
  }

  async #run(first: Waiting<Item, Result>, others: readonly Waiting<Item, Result>[]): Promise<void> {
    const ended = this.#begun();
    const together = [first, ...others];
    try {
      const results = await this.#options.run([first.item, ...others.map(({ item }) => item)]);
      together.forEach(({ resolve }, index) => resolve(results[index]));
    } catch (error) {
      const failure = others.length > 0 ? new SharedTransactionFailure(error) : error;
      for (const { reject } of together) reject(failure);
    } finally {
      ended();
    }
  }

  /** Counts a transaction that begins. The returned function counts its end. */
  #begun(): () => void {
    const { clock, gatherMsMax } = this.#options;
    this.#running += 1;
    this.#gathering += 1;
    let gathering = true;
    const release = () => {
      if (gathering) this.#gathering -= 1;
      gathering = false;
      this.#beginSoon();
    };
    const cancel = clock.after(gatherMsMax, release);
    return () => {
      cancel();
      this.#running -= 1;
      release();
    };
  }

  /**
   * Takes the items of the next transaction in the order of arrival: one that runs alone, or as
   * many of the others as the limit allows.
   */
  #take(): readonly Waiting<Item, Result>[] {
    const staying = this.#waiting.filter(({ signal }) => signal?.aborted !== true);
    for (const { signal, resolve } of this.#waiting) if (signal?.aborted === true) resolve(undefined);
    const [first, ...others] = staying;
    if (first === undefined) return (this.#waiting = []);
    const weightMax = this.#options.weightMax();
    const taken = [first];
    let weight = first.weight;
    for (const waiting of first.alone ? [] : others) {
      if (waiting.alone || weight + waiting.weight > weightMax) continue;
      taken.push(waiting);
      weight += waiting.weight;
    }
    this.#waiting = staying.filter((waiting) => !taken.includes(waiting));
    return taken;
  }
}
