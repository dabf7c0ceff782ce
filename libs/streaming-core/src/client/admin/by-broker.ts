import { addressName, type BrokerAddress } from '../connection/broker-address.ts';
import type { BrokerClient } from '../connection/broker-client.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import {
  findCoordinators,
  findOneCoordinator,
  type CoordinatorKind,
} from '../connection/coordinator-client.ts';
import { clusterOf, leaderOf, placesOf, type ClusterBroker } from '../connection/topic-lookup.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { ClientError } from '../errors/client-error.ts';
import type { Answers } from './admin-calls.ts';

/** A request to one broker about the items that it is responsible for. */
type Ask<Item, Value> = (
  connection: BrokerConnection,
  items: ReadonlyMap<string, Item>,
) => Promise<Answers<Value>>;

/** The broker that is responsible for each item, or why there is none. */
type Responsible = ReadonlyMap<string, BrokerAddress | Error>;

/** Asks the leader of each partition. */
export async function askLeaders<Item extends TopicPartition, Value>(
  brokers: BrokerClient,
  items: ReadonlyMap<string, Item>,
  ask: Ask<Item, Value>,
): Promise<Answers<Value>> {
  return askResponsible(brokers, await leadersOf(brokers, items), items, ask);
}

/** Asks the coordinators of groups or transactional ids, which are the names of the items. */
export async function askCoordinators<Item, Value>(
  brokers: BrokerClient,
  kind: CoordinatorKind,
  items: ReadonlyMap<string, Item>,
  ask: Ask<Item, Value>,
): Promise<Answers<Value>> {
  return askResponsible(brokers, await findCoordinators(brokers, kind, [...items.keys()]), items, ask);
}

/** Connects to the coordinator of a group or transactional id. */
export async function coordinatorOf(
  brokers: BrokerClient,
  kind: CoordinatorKind,
  key: string,
): Promise<BrokerConnection> {
  return brokers.connectionTo(await findOneCoordinator(brokers, kind, key));
}

export const askAnyBroker = async <Item, Value>(
  brokers: BrokerClient,
  items: ReadonlyMap<string, Item>,
  ask: Ask<Item, Value>,
): Promise<Answers<Value>> => ask(await brokers.anyConnection(), items);

export const runningBrokers = async (brokers: BrokerClient): Promise<readonly ClusterBroker[]> => [
  ...clusterOf(await brokers.metadataOf([])).brokers.values(),
];

/** Asks every running broker. Rejects if one of them does not answer. */
export async function askAllBrokers<Result>(
  brokers: BrokerClient,
  ask: (connection: BrokerConnection, broker: ClusterBroker) => Promise<readonly Result[]>,
): Promise<readonly Result[]> {
  const answers = (await runningBrokers(brokers)).map(async (broker) =>
    ask(await brokers.connectionTo(broker), broker),
  );
  return (await Promise.all(answers)).flat();
}

/** Asks the broker that is responsible for each item. */
export async function askResponsible<Item, Value>(
  brokers: BrokerClient,
  responsible: Responsible,
  items: ReadonlyMap<string, Item>,
  ask: Ask<Item, Value>,
): Promise<Answers<Value>> {
  const answers = new Map<string, Value | Error>();
  const parts = new Map<string, { readonly address: BrokerAddress; readonly items: Map<string, Item> }>();
  for (const [name, item] of items) {
    const address = responsible.get(name) ?? new ClientError('unreachable', `no broker answers for ${name}`);
    if (address instanceof Error) answers.set(name, address);
    else {
      const part = parts.get(addressName(address)) ?? { address, items: new Map<string, Item>() };
      part.items.set(name, item);
      parts.set(addressName(address), part);
    }
  }
  const asking = [...parts.values()].map(async (part) => {
    try {
      const told = await ask(await brokers.connectionTo(part.address), part.items);
      for (const [name, answer] of told) answers.set(name, answer);
    } catch (error) {
      for (const name of part.items.keys()) answers.set(name, error as Error);
    }
  });
  await Promise.all(asking);
  return answers;
}

async function leadersOf(
  brokers: BrokerClient,
  places: ReadonlyMap<string, TopicPartition>,
): Promise<Responsible> {
  const topics = [...new Set([...places.values()].map(({ topic }) => topic))];
  const answer = await brokers.metadataOf(topics);
  const lookup = { ...clusterOf(answer), found: placesOf(answer) };
  return new Map([...places].map(([name, place]) => [name, orError(() => leaderOf(place, lookup))]));
}

function orError<Result>(find: () => Result): Result | Error {
  try {
    return find();
  } catch (error) {
    return error as Error;
  }
}
