import { findCoordinator } from '../../protocol/apis/find-coordinator.ts';
import { ClientError } from '../client-error.ts';
import { accept } from './accept.ts';
import type { BrokerAddress } from './broker-address.ts';
import { isConcurrent, type BrokerClient } from './broker-client.ts';
import type { BrokerConnection } from './broker-connection.ts';

/** The transactional id or group whose coordinator is needed. */
export interface CoordinatorOf {
  readonly kind: 'TRANSACTION' | 'GROUP';
  readonly key: string;
}

const keyTypes = { GROUP: 0, TRANSACTION: 1 } as const;
/** The first version of FindCoordinator that asks for several keys (KIP-699). */
const severalKeysSince = 4;

/**
 * Sends requests to the coordinator of a transactional id or a group, and retries them until their
 * deadline. The coordinator may move or be unavailable, and it answers CONCURRENT_TRANSACTIONS for
 * a moment after each transaction. Every request may be repeated, because the coordinator
 * recognizes what it has done already.
 */
export class CoordinatorClient {
  readonly #brokers: BrokerClient;
  readonly #places = new Map<string, BrokerAddress>();

  constructor(brokers: BrokerClient) {
    this.#brokers = brokers;
  }

  ask<Result>(
    of: CoordinatorOf,
    attempt: string,
    deadline: number,
    work: (connection: BrokerConnection) => Promise<Result>,
  ): Promise<Result> {
    return this.#brokers.persistently(attempt, deadline, () => this.askOnce(of, work));
  }

  /** Rejects with the first failure. The next request then looks for the coordinator again. */
  async askOnce<Result>(
    of: CoordinatorOf,
    work: (connection: BrokerConnection) => Promise<Result>,
    lane?: string,
  ): Promise<Result> {
    try {
      return await work(await this.#connectionTo(of, lane));
    } catch (error) {
      if (!isConcurrent(error)) this.#places.delete(nameOf(of));
      throw error;
    }
  }

  /** Resolves to undefined while the coordinator is unknown. */
  async known(of: CoordinatorOf): Promise<BrokerConnection | undefined> {
    const place = this.#places.get(nameOf(of));
    return place && this.#brokers.connectionTo(place);
  }

  async #connectionTo(of: CoordinatorOf, lane?: string): Promise<BrokerConnection> {
    const place = this.#places.get(nameOf(of)) ?? (await this.#find(of));
    this.#places.set(nameOf(of), place);
    return this.#brokers.connectionTo(place, lane);
  }

  async #find({ kind, key }: CoordinatorOf): Promise<BrokerAddress> {
    const connection = await this.#brokers.anyConnection();
    const version = connection.versions.newest(findCoordinator);
    const asked = version < severalKeysSince ? { key } : { coordinatorKeys: [key] };
    const answer = await connection.request(findCoordinator, version, { ...asked, keyType: keyTypes[kind] });
    const found = version < severalKeysSince ? answer : answer.coordinators[0];
    if (!found) throw new ClientError('unreachable', `${key} has no coordinator at the moment`);
    accept(found.errorCode, found.errorMessage);
    return { host: found.host, port: found.port };
  }
}

const nameOf = ({ kind, key }: CoordinatorOf): string => `${kind} ${key}`;
