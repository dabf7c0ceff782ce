import { SharedTransactions } from '../../postgres/shared-transactions.ts';
import { commitBatches, type BatchEnvironment, type CommittedBatch } from './commit-batches.ts';
import type { Batch, Batches } from './open-batch.ts';
import type { ConsumerLimits } from './limits.ts';
import { isTransactionTimeout } from './consumer-error.ts';

/**
 * The maximum number of messages in one transaction. It halves after a slow transaction and
 * doubles after a quick one that was full.
 */
export class BatchSize {
  readonly #limits: Pick<ConsumerLimits, 'batchMessagesMax' | 'batchMsMax'>;
  #max: number;

  constructor(limits: Pick<ConsumerLimits, 'batchMessagesMax' | 'batchMsMax'>) {
    this.#limits = limits;
    this.#max = limits.batchMessagesMax;
  }

  get max(): number {
    return this.#max;
  }

  took(messages: number, handlingMs: number): void {
    const { batchMessagesMax, batchMsMax } = this.#limits;
    if (handlingMs > batchMsMax) this.#max = Math.max(1, Math.floor(Math.min(this.#max, messages) / 2));
    else if (messages >= this.#max && handlingMs < batchMsMax / 2)
      this.#max = Math.min(batchMessagesMax, this.#max * 2);
  }

  failed(error: unknown): void {
    if (isTransactionTimeout(error)) this.#max = Math.max(1, Math.floor(this.#max / 2));
  }
}

interface QueuedBatch {
  readonly batch: Batch;
  /** Whether the batch needs a transaction without batches of other partitions. */
  readonly alone: boolean;
  /** Aborts once the partition leaves this process. */
  readonly signal: AbortSignal;
}

/** Groups the batches of a runtime's partitions into shared transactions. */
export class BatchQueue {
  readonly #environment: BatchEnvironment;
  readonly #size: BatchSize;
  readonly #transactions: SharedTransactions<Batch, CommittedBatch>;

  constructor(environment: BatchEnvironment, limits: ConsumerLimits) {
    this.#environment = environment;
    this.#size = new BatchSize(limits);
    const { transactionsConcurrentMax, gatherMsMax } = limits;
    this.#transactions = new SharedTransactions({
      clock: environment.clock,
      transactionsConcurrentMax,
      gatherMsMax,
      weightMax: () => this.#size.max,
      run: (batches) => this.#run(batches),
    });
  }

  /**
   * Resolves to undefined if the partition left this process before the batch started. Rejects as
   * `commitBatches` does, or with `SharedTransactionFailure`.
   */
  commit({ batch, alone, signal }: QueuedBatch): Promise<CommittedBatch | undefined> {
    return this.#transactions.submit({ item: batch, weight: batch.items.length, alone, signal });
  }

  async #run(batches: Batches): Promise<readonly CommittedBatch[]> {
    try {
      const committed = await commitBatches(this.#environment, batches);
      this.#size.took(
        sum(batches.map(({ items }) => items.length)),
        sum(committed.map(({ result }) => result.handlingMs)),
      );
      return committed;
    } catch (error) {
      this.#size.failed(error);
      throw error;
    }
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
