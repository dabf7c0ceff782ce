import type { Clock, DurationMs } from '../runtime/index.ts';

/** A transaction that several shared has failed: whose fault it was shows when each redoes its work alone. */
export class SharedTransactionFailure extends Error {
  override readonly name = 'SharedTransactionFailure';

  constructor(cause: unknown) {
    super('a transaction that several shared has failed', { cause });
  }
}

export interface SharedWork<Item> {
  readonly item: Item;
  /** What it counts against `weightMax`. */
  readonly weight: number;
  /** In a transaction of its own: it may fail, and that is nobody else's business. */
  readonly alone: boolean;
  /** Aborted: it is not begun any more. */
  readonly signal?: AbortSignal;
}

export interface SharedTransactionsOptions<Item, Result> {
  readonly clock: Clock;
  readonly transactionsConcurrentMax: number;
  /** How long a transaction is waited for: one that takes longer no longer holds up the next. */
  readonly gatherMsMax: DurationMs;
  /** How long a work waits for others, unless they fill a transaction before: for effects that nobody waits for. 0 where absent. */
  readonly lingerMs?: DurationMs;
  weightMax(): number;
  /** One transaction for all of them; their results in the same order. */
  run(items: readonly [Item, ...Item[]]): Promise<readonly Result[]>;
}

interface Waiting<Item, Result> extends SharedWork<Item> {
  resolve(result: Result | undefined): void;
  reject(error: unknown): void;
}

/**
 * Works on their way into transactions. While one runs, what becomes ready gathers and then goes into one together, as a group commit does:
 * under load a transaction's cost is shared by many, and alone nobody waits.
 */
export class SharedTransactions<Item, Result> {
  readonly #options: SharedTransactionsOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #running = 0;
  /** Of those that run, the ones that are worth waiting for. */
  #gathering = 0;
  #beginning = false;
  /** Ends the wait for others, while there is one. */
  #lingering: (() => void) | undefined;

  constructor(options: SharedTransactionsOptions<Item, Result>) {
    this.#options = options;
  }

  /** Resolves to undefined when it was aborted before it was begun. Rejects as `run` does, or with `SharedTransactionFailure`. */
  submit(work: SharedWork<Item>): Promise<Result | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...work, resolve, reject });
      this.#beginSoon();
    });
  }

  /** At the end of this turn: one event wakes several, and those that have just committed come with their next works. */
  #beginSoon(): void {
    if (this.#beginning) return;
    const { clock, lingerMs = 0 } = this.#options;
    if (lingerMs > 0 && !this.#isFull()) {
      if (this.#waiting.length > 0) this.#lingering ??= clock.after(lingerMs, () => this.#begin());
      return;
    }
    this.#beginning = true;
    setImmediate(() => {
      this.#beginning = false;
      this.#begin();
    });
  }

  #begin(): void {
    this.#lingering?.();
    this.#lingering = undefined;
    if (this.#gathering > 0 || this.#running >= this.#options.transactionsConcurrentMax) return;
    const [first, ...others] = this.#take();
    if (first !== undefined) void this.#run(first, others);
  }

  #isFull(): boolean {
    return this.#waiting.reduce((sum, { weight }) => sum + weight, 0) >= this.#options.weightMax();
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

  /** Counts a transaction that begins; the answer ends it. */
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

  /** The next transaction's works, in the order of their coming: one that goes alone, or as many of the others as the limit allows. */
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
