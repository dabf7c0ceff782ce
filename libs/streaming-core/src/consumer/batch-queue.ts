import { BatchSize } from './batch-size.ts';
import { commitBatches, type Batch, type BatchEnvironment, type CommittedBatch } from './batch.ts';
import type { ConsumerLimits } from './limits.ts';

/** A transaction that several partitions shared has failed: whose fault it was shows when each redoes its batch alone. */
export class SharedTransactionFailure extends Error {
  override readonly name = 'SharedTransactionFailure';

  constructor(cause: unknown) {
    super('a transaction that partitions shared has failed', { cause });
  }
}

export interface QueuedBatch {
  readonly batch: Batch;
  /** In a transaction of its own: it may fail, and that is nobody else's business. */
  readonly alone: boolean;
  /** Aborted once the partition is leaving: the batch is not begun any more. */
  readonly signal: AbortSignal;
}

interface Waiting extends QueuedBatch {
  resolve(committed: CommittedBatch | undefined): void;
  reject(error: unknown): void;
}

/**
 * Batches of a runtime's partitions on their way into transactions. While one runs, what becomes ready gathers and then goes into one
 * together, as a group commit does: under load a transaction's cost is shared by many messages, and alone a message waits for nobody. A
 * transaction that takes longer than `gatherMsMax` no longer holds up the next.
 */
export class BatchQueue {
  readonly #environment: BatchEnvironment;
  readonly #limits: ConsumerLimits;
  readonly #size: BatchSize;
  #waiting: Waiting[] = [];
  #running = 0;
  /** Of those that run, the ones that are worth waiting for. */
  #gathering = 0;
  #beginning = false;

  constructor(environment: BatchEnvironment, limits: ConsumerLimits) {
    this.#environment = environment;
    this.#limits = limits;
    this.#size = new BatchSize(limits);
  }

  /** Resolves to undefined when the partition left before the batch was begun. Rejects as `commitBatches`, or with `SharedTransactionFailure`. */
  commit(queued: QueuedBatch): Promise<CommittedBatch | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...queued, resolve, reject });
      this.#beginSoon();
    });
  }

  /** At the end of this turn: one answer of the log wakes several partitions, and those that have just committed come with their next batches. */
  #beginSoon(): void {
    if (this.#beginning) return;
    this.#beginning = true;
    setImmediate(() => {
      this.#beginning = false;
      if (this.#gathering > 0 || this.#running >= this.#limits.transactionsConcurrentMax) return;
      const [first, ...others] = this.#take();
      if (first !== undefined) void this.#run(first, others);
    });
  }

  async #run(first: Waiting, others: readonly Waiting[]): Promise<void> {
    const gathered = this.#gather();
    const together = [first, ...others];
    try {
      const committed = await commitBatches(this.#environment, [first.batch, ...others.map(({ batch }) => batch)]);
      this.#size.took(sum(together.map(({ batch }) => batch.items.length)), sum(committed.map(({ result }) => result.handlingMs)));
      together.forEach(({ resolve }, index) => resolve(committed[index]));
    } catch (error) {
      this.#size.failed(error);
      const failure = others.length > 0 ? new SharedTransactionFailure(error) : error;
      for (const { reject } of together) reject(failure);
    } finally {
      gathered();
    }
  }

  /** Counts a transaction that begins; the answer ends it. */
  #gather(): () => void {
    this.#running += 1;
    this.#gathering += 1;
    let gathering = true;
    const release = () => {
      if (gathering) this.#gathering -= 1;
      gathering = false;
      this.#beginSoon();
    };
    const cancel = this.#environment.clock.after(this.#limits.gatherMsMax, release);
    return () => {
      cancel();
      this.#running -= 1;
      release();
    };
  }

  /** The next transaction's batches, in the order of their coming: one that goes alone, or as many of the others as its limit allows. */
  #take(): readonly Waiting[] {
    const leaving = this.#waiting.filter(({ signal }) => signal.aborted);
    const staying = this.#waiting.filter(({ signal }) => !signal.aborted);
    for (const { resolve } of leaving) resolve(undefined);
    const [first, ...others] = staying;
    if (first === undefined) return (this.#waiting = []);
    const taken = [first];
    let messages = first.batch.items.length;
    for (const waiting of first.alone ? [] : others) {
      if (waiting.alone || messages + waiting.batch.items.length > this.#size.max) continue;
      taken.push(waiting);
      messages += waiting.batch.items.length;
    }
    this.#waiting = staying.filter((waiting) => !taken.includes(waiting));
    return taken;
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
