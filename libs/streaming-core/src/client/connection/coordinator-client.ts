import type { BrokerAddress } from './broker-address.ts';
import type { BrokerClient } from './broker-client.ts';
import type { BrokerConnection } from './broker-connection.ts';
import { isConcurrent } from './retries.ts';
import { findCoordinator } from '../../protocol/apis/cluster.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { ClientError } from '../errors/client-error.ts';
import { brokerError } from './accept.ts';

const keyTypes = { GROUP: 0, TRANSACTION: 1 } as const;
export type CoordinatorKind = keyof typeof keyTypes;

/** The first version of FindCoordinator that asks for several keys (KIP-699). */
const severalKeysSince = 4;

/**
 * Asks a broker for the coordinators of these groups or transactional ids. If a key has no
 * coordinator, its value is the broker's error.
 */
export async function findCoordinators(
  brokers: BrokerClient,
  kind: CoordinatorKind,
  keys: readonly string[],
): Promise<ReadonlyMap<string, BrokerAddress | Error>> {
  const connection = await brokers.anyConnection();
  const version = connection.versions.newest(findCoordinator);
  const keyType = keyTypes[kind];
  const answers =
    version < severalKeysSince
      ? await Promise.all(
          keys.map(async (key) => {
            return { ...(await connection.request(findCoordinator, version, { key, keyType })), key };
          }),
        )
      : (await connection.request(findCoordinator, version, { coordinatorKeys: keys, keyType })).coordinators;
  return new Map(
    answers.map(({ key, errorCode, errorMessage, host, port }) => [
      key,
      errorCode === errorCodes.NONE ? { host, port } : brokerError(errorCode, errorMessage),
    ]),
  );
}

/** Rejects if the key has no coordinator at the moment. */
export async function findOneCoordinator(
  brokers: BrokerClient,
  kind: CoordinatorKind,
  key: string,
): Promise<BrokerAddress> {
  const found = (await findCoordinators(brokers, kind, [key])).get(key);
  if (found instanceof Error) throw found;
  if (found === undefined) throw new ClientError('unreachable', `${key} has no coordinator at the moment`);
  return found;
}

/** The transactional id or group whose coordinator is needed. */
export interface CoordinatorOf {
  readonly kind: CoordinatorKind;
  readonly key: string;
}

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
    const place = this.#places.get(nameOf(of)) ?? (await findOneCoordinator(this.#brokers, of.kind, of.key));
    this.#places.set(nameOf(of), place);
    return this.#brokers.connectionTo(place, lane);
  }
}

const nameOf = ({ kind, key }: CoordinatorOf): string => `${kind} ${key}`;
