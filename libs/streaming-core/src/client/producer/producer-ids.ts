import { initProducerId } from '../../protocol/apis/transactions.ts';
import { ClientError } from '../errors/client-error.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { AssignedIdentity } from './partition-sequence.ts';
import type { ProducerSession } from './producer-session.ts';

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
