import type {
  Assignment,
  OffsetToCommit,
  ProducerRecord,
  RecordMetadata,
  BatchingProducer,
  GroupConsumer,
  Transaction,
  TransactionalProducer,
} from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';

/** The member and the generation that own the offsets of a commit. */
export type Member = Pick<Assignment, 'memberId' | 'generationId'>;

/** The output of the tasks of a process, which also commits their offsets. */
export interface Output {
  /**
   * Prepares the output, at the start and after a failure. Once this resolves, a transaction of
   * unknown outcome is either committed or aborted.
   */
  open(): Promise<void>;
  /** Sends records. Keeps the order of the calls and of the records within a partition. */
  send(records: readonly ProducerRecord[]): Promise<readonly RecordMetadata[]>;
  /**
   * Commits the offsets. With `exactly_once_v2` this commits everything that was sent together with
   * them, or nothing.
   */
  commit(member: Member, offsets: readonly OffsetToCommit[]): Promise<void>;
  /** Gives up the records sent since the last commit. Never rejects. */
  abort(): Promise<void>;
  /** Replaces the producer after another one has fenced it. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Writes without transactions, so after a crash the records since the last commit are written
 * again.
 */
export class PlainOutput implements Output {
  readonly #connect: () => BatchingProducer;
  readonly #consumer: Pick<GroupConsumer, 'commit'>;
  #producer: BatchingProducer;

  constructor(connect: () => BatchingProducer, consumer: Pick<GroupConsumer, 'commit'>) {
    this.#connect = connect;
    this.#consumer = consumer;
    this.#producer = connect();
  }

  async open(): Promise<void> {}

  send(records: readonly ProducerRecord[]) {
    return this.#producer.send(records);
  }

  async commit(_member: Member, offsets: readonly OffsetToCommit[]): Promise<void> {
    if (offsets.length > 0) await this.#consumer.commit(offsets);
  }

  async abort(): Promise<void> {}

  async renew(): Promise<void> {
    await this.#producer.close();
    this.#producer = this.#connect();
  }

  async close(): Promise<void> {
    await this.#producer.close();
  }
}

interface TransactionalOutputParts {
  readonly groupId: string;
  readonly logger: Logger;
  /** Creates a producer with the transactional id of this process. */
  readonly connect: () => TransactionalProducer;
}

/** Writes one transaction for all tasks of the process, from commit to commit (KIP-447). */
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
      this.#parts.logger.debug({ error }, 'the transaction could not be aborted: the next one will abort it');
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

  /**
   * Begins the transaction once. Every call waits for the same promise, and so keeps its place in
   * the order.
   */
  #begun(): Promise<Transaction> {
    this.#transaction ??= this.#producer.begin();
    return this.#transaction;
  }
}
