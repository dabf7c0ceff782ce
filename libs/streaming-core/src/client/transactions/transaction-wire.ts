import type { DurationMs } from '../../runtime/index.ts';
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  initProducerId,
  endTxn,
} from '../../protocol/apis/transactions.ts';
import { txnOffsetCommit } from '../../protocol/apis/group-offsets.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import { ClientError } from '../errors/client-error.ts';
import { CoordinatorClient, type CoordinatorOf } from '../connection/coordinator-client.ts';
import { commitTopics } from '../consumer/committed-offsets.ts';
import type { ConnectionSettings } from '../connection/connection-settings.ts';
import type { AssignedIdentity, ProducerIdentity } from '../producer/partition-sequence.ts';
import type { OffsetToCommit, TopicPartition } from '../topic-partition.ts';
import type { OffsetsOwner } from '../transaction-types.ts';
import { accept } from '../connection/accept.ts';

/**
 * Version 1 of the transaction protocol is that of KIP-98. Version 2 is that of KIP-890, with which
 * a late request of an earlier transaction can never become part of a later one.
 */
export type TransactionProtocol = 1 | 2;

/**
 * The newest request versions of protocol 1. The version of a request tells the broker which
 * protocol applies.
 */
const versionsBefore = { produce: 11, txnOffsetCommit: 4, endTxn: 4, addPartitionsToTxn: 3 } as const;

export interface WireSettings extends ConnectionSettings {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: DurationMs;
  readonly transactionProtocolMax: TransactionProtocol;
}

const nobody: AssignedIdentity = { producerId: -1n, producerEpoch: -1, raisable: false, usedUp: true };

/**
 * Sends the requests of a transactional producer with the identity that its coordinator assigned.
 *
 * - The request for the first identity names no identity, and fences the predecessor. A later
 *   request names the current identity (KIP-360), so a producer that was fenced itself never fences
 *   its successor.
 * - With the protocol of KIP-890, the first record for a partition and the first offset for a group
 *   add it to the transaction, and the end of each transaction brings the next epoch.
 */
export class TransactionWire {
  readonly brokers: BrokerClient;
  readonly #settings: WireSettings;
  readonly #coordinators: CoordinatorClient;
  readonly #coordinator: CoordinatorOf;
  #assigned = nobody;
  #protocol: TransactionProtocol = 1;
  #inDoubt = true;
  #fencedBy: ClientError | undefined;

  constructor(settings: WireSettings) {
    this.#settings = settings;
    this.brokers = new BrokerClient(settings);
    this.#coordinators = new CoordinatorClient(this.brokers);
    this.#coordinator = { kind: 'TRANSACTION', key: settings.transactionalId };
  }

  /** The identity for batches, or undefined if the producer has to get another one first. */
  get identity(): AssignedIdentity | undefined {
    return this.#inDoubt || this.#assigned.usedUp ? undefined : this.#assigned;
  }

  /** The newest version of Produce that the transaction protocol allows. */
  get produceMax(): number | undefined {
    return this.#protocol === 2 ? undefined : versionsBefore.produce;
  }

  /** The reason why the producer has stopped, if it was fenced. */
  get fencedBy(): ClientError | undefined {
    return this.#fencedBy;
  }

  /**
   * Called when a request has an unknown outcome. The epoch is then raised before the next
   * transaction, which aborts an open transaction and fences late requests.
   */
  doubt(): void {
    this.#inDoubt = true;
    this.brokers.discard();
  }

  /**
   * Gets an identity, unless there is one that is not in doubt. Always rejects with `fenced` once a
   * successor has taken over.
   */
  async ready(deadline: number): Promise<void> {
    if (this.#fencedBy) throw this.#fencedBy;
    if (!this.#inDoubt) return;
    const { transactionalId, transactionTimeoutMs, transactionProtocolMax } = this.#settings;
    await this.#ask('taking over the transactional id', deadline, async (connection) => {
      const { versions } = connection;
      const answer = await connection.request(initProducerId, versions.newest(initProducerId), {
        transactionalId,
        transactionTimeoutMs,
        ...this.#identity,
      });
      accept(answer.errorCode);
      this.#protocol = versions.transactionVersion >= 2 ? transactionProtocolMax : 1;
      this.#becomes(answer);
    });
    this.#inDoubt = false;
  }

  get #identity(): ProducerIdentity {
    const { producerId, producerEpoch } = this.#assigned;
    return { producerId, producerEpoch };
  }

  /** Every sequence starts at 0 in a new epoch. */
  #becomes({ producerId, producerEpoch }: ProducerIdentity): void {
    this.#assigned = { producerId, producerEpoch, raisable: false, usedUp: false };
  }

  async addPartitions(partitions: readonly TopicPartition[], deadline: number): Promise<void> {
    if (this.#protocol === 2) return;
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of partitions)
      topics.set(topic, [...(topics.get(topic) ?? []), partition]);
    const requested = [...topics].map(([name, numbers]) => ({ name, partitions: numbers }));
    await this.#ask('adding partitions to the transaction', deadline, async (connection) => {
      const version = connection.versions.newest(addPartitionsToTxn, versionsBefore.addPartitionsToTxn);
      const { resultsByTopicV3AndBelow } = await connection.request(addPartitionsToTxn, version, {
        v3AndBelowTransactionalId: this.#settings.transactionalId,
        v3AndBelowProducerId: this.#identity.producerId,
        v3AndBelowProducerEpoch: this.#identity.producerEpoch,
        v3AndBelowTopics: requested,
      });
      for (const { resultsByPartition } of resultsByTopicV3AndBelow)
        for (const { partitionErrorCode } of resultsByPartition) accept(partitionErrorCode);
    });
  }

  async addOffsets(groupId: string, deadline: number): Promise<void> {
    if (this.#protocol === 2) return;
    const { transactionalId } = this.#settings;
    await this.#ask(`adding the offsets of ${groupId} to the transaction`, deadline, async (connection) => {
      const version = connection.versions.newest(addOffsetsToTxn);
      const answer = await connection.request(addOffsetsToTxn, version, {
        transactionalId,
        ...this.#identity,
        groupId,
      });
      accept(answer.errorCode);
    });
  }

  async commitOffsets(
    {
      groupId,
      memberId = '',
      generationId = -1,
      groupInstanceId = null,
    }: Omit<OffsetsOwner, 'groupInstanceId'> & { groupInstanceId?: string | null },
    offsets: readonly OffsetToCommit[],
    deadline: number,
  ): Promise<void> {
    const { transactionalId } = this.#settings;
    const attempt = `sending the offsets of ${groupId}`;
    const sending = this.#coordinators.ask(
      { kind: 'GROUP', key: groupId },
      attempt,
      deadline,
      async (connection) => {
        const max = this.#protocol === 2 ? undefined : versionsBefore.txnOffsetCommit;
        const version = connection.versions.newest(txnOffsetCommit, max);
        const { topics } = await connection.request(txnOffsetCommit, version, {
          transactionalId,
          groupId,
          ...this.#identity,
          generationId,
          memberId,
          groupInstanceId,
          topics: commitTopics(offsets),
        });
        for (const { partitions } of topics) for (const { errorCode } of partitions) accept(errorCode);
      },
    );
    await this.#unlessFenced(sending);
  }

  /**
   * Rejects with `outcome_unknown` if a request to commit got no answer. A later rejection by the
   * broker then says nothing about that request.
   */
  async end(committed: boolean, deadline: number): Promise<void> {
    let unanswered = false;
    const attempt = committed ? 'committing the transaction' : 'aborting the transaction';
    try {
      await this.#ask(attempt, deadline, async (connection) => {
        const max = this.#protocol === 2 ? undefined : versionsBefore.endTxn;
        const version = connection.versions.newest(endTxn, max);
        const before = unanswered;
        unanswered = true;
        const { transactionalId } = this.#settings;
        const answer = await connection.request(endTxn, version, {
          transactionalId,
          ...this.#identity,
          committed,
        });
        unanswered = before;
        if (committed && answer.errorCode === errorCodes.INVALID_TXN_STATE)
          throw new ClientError('fenced', attempt); // the timeout has aborted it (KIP-890)
        accept(answer.errorCode);
        if (this.#protocol === 2) this.#becomes(answer as ProducerIdentity);
      });
    } catch (error) {
      if (!committed || !unanswered) throw error;
      const message =
        `no broker answered the commit of a transaction of ${this.#settings.transactionalId}: ` +
        'it is either committed or aborted';
      throw new ClientError('outcome_unknown', message, { cause: error });
    }
  }

  /** Remembers permanently that the producer was fenced. Returns the error to throw. */
  fenced(cause: Error): ClientError {
    const { transactionalId, transactionTimeoutMs } = this.#settings;
    const reason =
      `another producer has taken over the transactional id ${transactionalId}, ` +
      'or the transaction was open for longer than ' +
      `${transactionTimeoutMs} ms: the transaction is aborted, and this producer has stopped`;
    this.#fencedBy = new ClientError('fenced', reason, { cause });
    return this.#fencedBy;
  }

  close(): void {
    this.brokers.close();
  }

  #ask<Result>(
    attempt: string,
    deadline: number,
    work: (connection: BrokerConnection) => Promise<Result>,
  ): Promise<Result> {
    return this.#unlessFenced(this.#coordinators.ask(this.#coordinator, attempt, deadline, work));
  }

  async #unlessFenced<Result>(asking: Promise<Result>): Promise<Result> {
    try {
      return await asking;
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== 'fenced') throw error;
      throw this.fenced(error);
    }
  }
}
