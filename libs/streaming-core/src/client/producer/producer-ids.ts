import { initProducerId } from '../../protocol/apis/transactions.ts';
import { ClientError } from '../errors/client-error.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { AssignedIdentity } from './partition-sequence.ts';
import type { TopicPartition } from '../topic-partition.ts';

/** The identity of a producer, and the partitions to which it may write now. */
export interface ProducerSession {
  /** The id of a transactional producer, or null for any other. */
  readonly transactionalId: string | null;
  /** The newest version of Produce to use. By default, it is the newest that the broker knows. */
  readonly produceMax: number | undefined;
  /** Undefined while the producer has no identity that it can use. */
  readonly identity: AssignedIdentity | undefined;
  /** Tries once to get an identity. Concurrent callers share the attempt. */
  identify(): Promise<void>;
  /** Returns true if batches for this partition may be sent. */
  admits(at: TopicPartition): boolean;
  /** Makes the session admit these partitions, with at most one request. */
  admit(partitions: readonly TopicPartition[]): Promise<void>;
  /** Called when a broker rejects the epoch of a batch. Returns the error of its records. */
  fenced(identity: AssignedIdentity | undefined, reason: ClientError): ClientError;
}

/**
 * The session of a producer without transactions. If the producer is idempotent, the session gets
 * an identity, and another one once the first is used up.
 */
export class ProducerIds implements ProducerSession {
  readonly transactionalId = null;
  readonly produceMax = undefined;
  readonly #brokers: BrokerClient;
  #current: AssignedIdentity | undefined;
  #asking: Promise<void> | undefined;

  constructor(brokers: BrokerClient) {
    this.#brokers = brokers;
  }

  get identity(): AssignedIdentity | undefined {
    return this.#current?.usedUp === true ? undefined : this.#current;
  }

  async identify(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    await this.#asking;
  }

  admits(): boolean {
    return true;
  }

  async admit(): Promise<void> {}

  /** Without transactions, no other producer can have raised the epoch. */
  fenced(identity: AssignedIdentity | undefined, reason: ClientError): ClientError {
    if (identity) identity.usedUp = true;
    return new ClientError('broker_error', reason.message, { cause: reason.cause });
  }

  async #ask(): Promise<void> {
    const connection = await this.#brokers.anyConnection();
    const version = connection.versions.newest(initProducerId);
    const { errorCode, producerId, producerEpoch } = await connection.request(initProducerId, version, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    accept(errorCode);
    this.#current = { producerId, producerEpoch, raisable: true, usedUp: false };
  }
}
