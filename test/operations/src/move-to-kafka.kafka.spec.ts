import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startKafka, type Kafka } from '@millrace/testing/kafka';
import {
  openShop,
  problemsAfter,
  StoryTeller,
  type PlacedOrder,
  type Shop,
} from '@millrace/test-support/shop';
import { appsWithDatabase, serviceNames, type Engines, type StackPlaces } from '@millrace/test-support/stack';
import { startEngines, type RunningEngines } from './engines.ts';
import { Fleet } from './fleet.ts';
import { migrate } from './programs.ts';
import { newRelease } from './release.ts';

function statementOfTheGuide(): string {
  const guide = readFileSync(join(newRelease.workspace, 'docs/operations/moving-to-kafka.md'), 'utf8');
  const statement = /```sql\n([\s\S]*?)```/.exec(guide)?.[1];
  if (statement === undefined) throw new Error('docs/operations/moving-to-kafka.md has no statement');
  return statement;
}

async function inEveryDatabase({ postgresUrl }: Engines, statement: string): Promise<void> {
  for (const app of appsWithDatabase) {
    const client = new Client({ connectionString: `${postgresUrl}/millrace_${app}` });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  }
}

describe('an installation that moves from the embedded broker to Apache Kafka', () => {
  let engines: RunningEngines;
  let kafka: Kafka;
  let fleet: Fleet | undefined;

  beforeAll(async () => {
    [engines, kafka] = await Promise.all([startEngines(newRelease), startKafka()]);
  });
  afterAll(async () => {
    await fleet?.stop();
    await Promise.all([engines?.stop(), kafka?.stop()]);
  });

  const startServices = async (on: Engines) => {
    await migrate(newRelease, on);
    const started = new Fleet(on);
    fleet = started;
    await Promise.all(serviceNames.map((service) => started.start(service, newRelease)));
  };
  const buy = (shop: Shop, count: number) =>
    Promise.all(Array.from({ length: count }, () => shop.place({ customer: 'ada', lines: { lamp: 1 } })));
  const allComplete = (orders: readonly PlacedOrder[]) =>
    Promise.all(orders.map((order) => order.endsAs('completed')));

  it('R16 keeps its open orders: all end once, and new orders are accepted', async () => {
    await startServices(engines);
    const teller = new StoryTeller(engines.bootstrapServers);
    const places: StackPlaces = { ...engines, instances: {}, urls: urlsOf(() => fleet) };
    const shop = await openShop(places, teller, { stock: { lamp: 1_000 }, accounts: { ada: 100_000_00 } });
    await allComplete(await buy(shop, 1));
    await buy(shop, 20);
    await fleet?.stop(); // while they are open
    await teller.close();

    const { postgresUrl, keysUrl, smtpUrl } = engines;
    const onKafka = { postgresUrl, keysUrl, smtpUrl, bootstrapServers: kafka.bootstrapServers.join(',') };
    await expect(migrate(newRelease, onKafka)).rejects.toThrow(/belongs to cluster/);
    await inEveryDatabase(engines, statementOfTheGuide());
    await startServices(onKafka);

    const moved = await shop.orders();
    await allComplete(moved);
    const placed = await buy(shop, 3);
    await allComplete(placed);
    expect(moved).toHaveLength(21);
    expect(await problemsAfter(shop, [...moved, ...placed])).toEqual([]);
  });
});

/** The URLs of the processes that serve at present. */
const urlsOf = (current: () => Fleet | undefined): StackPlaces['urls'] =>
  Object.defineProperties(
    {},
    Object.fromEntries(
      serviceNames.map((service) => [
        service,
        { get: () => current()?.urls[service] ?? '', enumerable: true },
      ]),
    ),
  ) as StackPlaces['urls'];
