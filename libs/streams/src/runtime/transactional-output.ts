import type {
  OffsetToCommit,
  ProducerRecord,
  Transaction,
  TransactionalProducer,
} from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { Member, Output } from './output.ts';

interface TransactionalOutputParts {
  readonly groupId: string;
  readonly logger: Logger;
  /** Creates a producer with the transactional id of this process. */
  readonly connect: () => TransactionalProducer;
}

/** One transaction for all tasks of the process from commit to commit (KIP-447). */
export class TransactionalOutput implements Output {
  readonly #parts: TransactionalOutputParts;
  #producer: TransactionalProducer;
  #transaction: Promise<Transaction> | undefined;

  constructor(parts: TransactionalOutputParts) {
    this.#parts = parts;
    this.#producer = parts.connect();
  }

  open(): Promise<void> {
    return this.#producer.open();
  }

  async send(records: readonly ProducerRecord[]) {
    const transaction = await this.#begun();
    return transaction.send(records);
  }

  async commit(member: Member, offsets: readonly OffsetToCommit[]): Promise<void> {
    const transaction = await this.#begun();
    await transaction.sendOffsets({ groupId: this.#parts.groupId, ...member }, offsets);
    this.#transaction = undefined;
    await transaction.commit();
  }

  async abort(): Promise<void> {
    const begun = this.#transaction;
    this.#transaction = undefined;
    try {
      await (await begun)?.abort();
    } catch (error) {
      this.#parts.logger.debug({ error }, 'the transaction could not be aborted: the next one does that');
    }
  }

  async renew(): Promise<void> {
    await this.abort();
    await this.#producer.close();
    this.#producer = this.#parts.connect();
  }

  async close(): Promise<void> {
    await this.abort();
    await this.#producer.close();
  }

  /** Every call waits for the same begin, and so keeps its place in the order. */
  #begun(): Promise<Transaction> {
    this.#transaction ??= this.#producer.begin();
    return this.#transaction;
  }
}
