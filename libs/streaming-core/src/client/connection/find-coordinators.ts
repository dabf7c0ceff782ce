import { findCoordinator } from '../../protocol/apis/cluster.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { ClientError } from '../errors/client-error.ts';
import { brokerError } from './accept.ts';
import type { BrokerAddress } from './broker-address.ts';
import type { BrokerClient } from './broker-client.ts';

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
