import { initProducerId } from '../../protocol/apis/init-producer-id.ts';
import { accept } from '../connection/accept.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { AssignedIdentity } from './partition-sequence.ts';

/** Gets the identity of an idempotent producer, and another one once that is used up. */
export class ProducerIds {
  readonly #brokers: BrokerClient;
  #current: AssignedIdentity | undefined;
  #asking: Promise<void> | undefined;

  constructor(brokers: BrokerClient) {
    this.#brokers = brokers;
  }

  get current(): AssignedIdentity | undefined {
    return this.#current?.usedUp === true ? undefined : this.#current;
  }

  /** Makes one attempt, which concurrent callers share. Rejects with its error. */
  async ask(): Promise<void> {
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    await this.#asking;
  }

  async #ask(): Promise<void> {
    const connection = await this.#brokers.anyConnection();
    const version = connection.versions.newest(initProducerId);
    const { errorCode, producerId, producerEpoch } = await connection.request(initProducerId, version, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    accept(errorCode);
    this.#current = { producerId, producerEpoch, usedUp: false };
  }
}
