import { FindCoordinatorKeyTypes, type Connection } from '@platformatic/kafka';
import { isConcurrent, type BrokerClient } from './broker-client.ts';
import { ClientError } from '../client-error.ts';

/** The transactional id or group whose coordinator is needed. */
export interface CoordinatorOf {
  readonly kind: 'TRANSACTION' | 'GROUP';
  readonly key: string;
}

type Place = { readonly host: string; readonly port: number };

/**
 * Sends requests to the coordinator of a transactional id or a group, and retries them until their
 * deadline. The coordinator may move or be unavailable, and it answers CONCURRENT_TRANSACTIONS for
 * a moment after each transaction. Every request may be repeated, because the coordinator
 * recognizes what it has done already.
 */
export class CoordinatorClient {
  readonly #brokers: BrokerClient;
  readonly #places = new Map<string, Place>();

  constructor(brokers: BrokerClient) {
    this.#brokers = brokers;
  }

  ask<Result>(
    of: CoordinatorOf,
    attempt: string,
    deadline: number,
    work: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    return this.#brokers.persistently(attempt, deadline, async () => {
      try {
        return await work(await this.#connectionTo(of));
      } catch (error) {
        if (!isConcurrent(error)) this.#places.delete(nameOf(of));
        throw error;
      }
    });
  }

  async #connectionTo(of: CoordinatorOf): Promise<Connection> {
    const place = this.#places.get(nameOf(of)) ?? (await this.#find(of));
    this.#places.set(nameOf(of), place);
    return this.#brokers.library.connections.get(place);
  }

  async #find({ kind, key }: CoordinatorOf): Promise<Place> {
    const [found] = await this.#brokers.library.findCoordinator({
      keyType: FindCoordinatorKeyTypes[kind],
      keys: [key],
    });
    if (!found) throw new ClientError('unreachable', `${key} has no coordinator at the moment`);
    return { host: found.host, port: found.port };
  }
}

const nameOf = ({ kind, key }: CoordinatorOf): string => `${kind} ${key}`;
