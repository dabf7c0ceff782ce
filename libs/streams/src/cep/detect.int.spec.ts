import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seconds } from '@millrace/streaming-core/runtime';
import { startLogWorld, type LogWorld } from '../runtime/log-world.fixture.ts';
import { connectStreams } from '../runtime/streams-app.ts';
import { fraudTopology, threeCountries } from './transactions.fixture.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
  for (const topic of ['transactions', 'alerts', 'late']) await world.createTopic(topic, 2);
});
afterAll(async () => world[Symbol.asyncDispose]());

const applicationId = 'fraud';
const stateDir = (): string => join(world.folder, 'state');
const pattern = threeCountries.skipPastLastEvent();

const connect = () =>
  connectStreams(
    fraudTopology(pattern, { grace: seconds(30), late: 'late', distinctBy: (tx) => tx.transactionId }),
    {
      applicationId,
      bootstrapServers: world.bootstrapServers,
      stateDir: stateDir(),
      guarantee: 'exactly_once_v2',
    },
  );

/** Sends transactions of one card, such as `a DE 0`, with their ids and the seconds of their times. */
const pay = (card: string, ...texts: readonly string[]) =>
  world.send(
    texts.map((text) => {
      const [transactionId, country, atSeconds] = text.split(' ');
      const atMs = seconds(Number(atSeconds));
      return { topic: 'transactions', key: card, value: JSON.stringify({ transactionId, country, atMs }) };
    }),
  );

const valuesOf = async (topic: string, count: number) =>
  (await world.committedOf(topic, count)).map(({ value }) => JSON.parse(String(value)) as unknown);

describe('a detection on a broker', () => {
  it('T23 keeps its runs, waiting events and time when its state folder is lost', async () => {
    const before = connect();
    await before.start();
    await pay('card', 'a DE 10', 'c US 30', 'b FR 20', 'b FR 20', 'x GB 35', 'y FR 101');
    expect(await valuesOf('alerts', 1)).toEqual([['a', 'b', 'c']]);
    await before.close();
    await rm(stateDir(), { recursive: true });

    await using after = connect();
    await after.start();
    await pay('card', 'late ES 60', 'x GB 35', 'z US 110', 'end GB 400');

    expect(await valuesOf('alerts', 2)).toEqual([
      ['a', 'b', 'c'],
      ['x', 'y', 'z'],
    ]);
    expect(await valuesOf('late', 1)).toEqual([{ transactionId: 'late', country: 'ES', atMs: 60_000 }]);
  });
});
