import { addPartitionsToTxnV3, type Connection } from '@platformatic/kafka';
import type { DurationMs } from '../contract/index.ts';
import { BatchWriter } from './batch-writer.ts';
import { ClientError } from './client-error.ts';
import type { ConnectionSettings } from './connection.ts';
import { CoordinatorClient, type CoordinatorOf } from './coordinator-client.ts';
import { negotiatedApi } from './library-types.ts';
import { commitTopics } from './offset-commit.ts';
import type { PlacedRecord } from './record-placement.ts';
import type { OffsetsOwner, RecordMetadata, TopicPartition } from './types.ts';

/** Who a producer is to the brokers (KIP-98): the epoch tells it from its predecessors and successors. */
export interface ProducerIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export interface WireSettings extends ConnectionSettings {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: DurationMs;
}

const nobody: ProducerIdentity = { producerId: -1n, producerEpoch: -1 };

/**
 * A transactional producer's requests, under the identity that its coordinator gave it. The library's own producer asks as 0/0, which is fenced at
 * every restart. The first identity is asked for as nobody, which fences the predecessor; a later one under the identity so far (KIP-360), so that a
 * producer that was fenced itself never fences its successor.
 */
export class TransactionWire {
  readonly #settings: WireSettings;
  readonly #coordinators: CoordinatorClient;
  readonly #batches: BatchWriter;
  readonly #coordinator: CoordinatorOf;
  #identity: ProducerIdentity = nobody;
  #inDoubt = true;
  #fencedBy: ClientError | undefined;

  constructor(settings: WireSettings) {
    this.#settings = settings;
    this.#coordinators = new CoordinatorClient(settings);
    this.#batches = new BatchWriter(settings, this.#coordinators);
    this.#coordinator = { kind: 'TRANSACTION', key: settings.transactionalId };
  }

  get coordinators(): CoordinatorClient {
    return this.#coordinators;
  }

  /** Nobody knows what became of a request: before the next transaction the epoch is raised, which aborts what is open and fences what is late. */
  async doubt(): Promise<void> {
    this.#inDoubt = true;
    await this.#coordinators.discard();
  }

  /** Rejects with `fenced`, for ever, once a successor has taken over. */
  async ready(deadline: number): Promise<void> {
    if (this.#fencedBy) throw this.#fencedBy;
    if (!this.#inDoubt) return;
    const { transactionalId, transactionTimeoutMs } = this.#settings;
    const { producerId, producerEpoch } = await this.#ask('taking over the transactional id', deadline, async (connection) => {
      const api = await negotiatedApi(this.#coordinators.library, 'InitProducerId');
      const { producerId: before, producerEpoch: epochBefore } = this.#identity;
      return api.async(connection, transactionalId, transactionTimeoutMs, before, epochBefore);
    });
    this.#identity = { producerId, producerEpoch };
    this.#batches.restart();
    this.#inDoubt = false;
  }

  /** Version 3, the newest that is for clients: later ones are for brokers. */
  async addPartitions(partitions: readonly TopicPartition[], deadline: number): Promise<void> {
    const { transactionalId } = this.#settings;
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
    const requested = [...topics].map(([name, numbers]) => ({ name, partitions: numbers }));
    await this.#ask('adding partitions to the transaction', deadline, (connection) =>
      addPartitionsToTxnV3.api.async(connection, [{ transactionalId, ...this.#identity, verifyOnly: false, topics: requested }]),
    );
  }

  write(records: readonly PlacedRecord[], deadline: number): Promise<readonly RecordMetadata[]> {
    return this.#unlessFenced(this.#batches.write(records, this.#identity, deadline));
  }

  async addOffsets(groupId: string, deadline: number): Promise<void> {
    const { producerId, producerEpoch } = this.#identity;
    await this.#ask(`adding the offsets of ${groupId} to the transaction`, deadline, async (connection) => {
      const api = await negotiatedApi(this.#coordinators.library, 'AddOffsetsToTxn');
      return api.async(connection, this.#settings.transactionalId, producerId, producerEpoch, groupId);
    });
  }

  async commitOffsets(
    {
      groupId,
      memberId = '',
      generationId = -1,
      groupInstanceId = null,
    }: Omit<OffsetsOwner, 'groupInstanceId'> & { groupInstanceId?: string | null },
    offsets: ReadonlyArray<TopicPartition & { readonly offset: bigint }>,
    deadline: number,
  ): Promise<void> {
    const { producerId, producerEpoch } = this.#identity;
    const { transactionalId } = this.#settings;
    const attempt = `sending the offsets of ${groupId}`;
    const sending = this.#coordinators.ask({ kind: 'GROUP', key: groupId }, attempt, deadline, async (connection) => {
      const api = await negotiatedApi(this.#coordinators.library, 'TxnOffsetCommit');
      const topics = commitTopics(offsets);
      return api.async(connection, transactionalId, groupId, producerId, producerEpoch, generationId, memberId, groupInstanceId, topics);
    });
    await this.#unlessFenced(sending);
  }

  /** Rejects with `outcome_unknown` where a commit went out and was not answered: then no later refusal says what became of it. */
  async end(committed: boolean, deadline: number): Promise<void> {
    const { producerId, producerEpoch } = this.#identity;
    let unanswered = false;
    const attempt = committed ? 'committing the transaction' : 'aborting the transaction';
    try {
      await this.#ask(attempt, deadline, async (connection) => {
        const api = await negotiatedApi(this.#coordinators.library, 'EndTxn');
        const before = unanswered;
        unanswered = true;
        await api.async(connection, this.#settings.transactionalId, producerId, producerEpoch, committed).catch((error: unknown) => {
          unanswered = before || !isAnswer(error);
          throw error;
        });
      });
    } catch (error) {
      if (!committed || !unanswered) throw error;
      const message = `the commit of a transaction of ${this.#settings.transactionalId} went out and was not answered: it is committed or aborted`;
      throw new ClientError('outcome_unknown', message, { cause: error });
    }
  }

  close(): Promise<void> {
    return this.#coordinators.close();
  }

  #ask<Result>(attempt: string, deadline: number, request: (connection: Connection) => Promise<Result>): Promise<Result> {
    return this.#unlessFenced(this.#coordinators.ask(this.#coordinator, attempt, deadline, request));
  }

  /** Fenced once is fenced for ever. */
  async #unlessFenced<Result>(asking: Promise<Result>): Promise<Result> {
    try {
      return await asking;
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'fenced') throw error;
      const { transactionalId, transactionTimeoutMs } = this.#settings;
      const reason =
        `another producer has taken over the transactional id ${transactionalId}, or the transaction was open for longer than ` +
        `${transactionTimeoutMs} ms: it is aborted, and this producer has stopped`;
      this.#fencedBy = new ClientError('fenced', reason, { cause: error });
      throw this.#fencedBy;
    }
  }
}

/** Whether the broker has said something, in place of a connection that broke or a limit that passed. */
const isAnswer = (error: unknown): boolean => (error as { readonly response?: unknown }).response !== undefined;
