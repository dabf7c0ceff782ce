import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestBroker, testEngine, type TestBroker } from '@millrace/testing/engine';
import { seed, seededRandom } from '@millrace/testing/random';
import {
  busyShop,
  openShop,
  query,
  randomCustomers,
  randomProducts,
  StoryTeller,
  type BusyShop,
} from '@millrace/test-support/shop';
import { serviceNames, until, type Engines } from '@millrace/test-support/stack';
import { startEngines, type RunningEngines } from './engines.ts';
import { Fleet, type Deployment } from './fleet.ts';
import { migrate } from './programs.ts';
import { newRelease } from './release.ts';

/** A release that knows version 1 of the fulfillment only. */
const earlier: Deployment = newRelease;
const next = { workspace: newRelease.workspace, folder: join(import.meta.dirname, 'next-order-release') };
const learning: Deployment = { ...next, name: 'learning', env: { SAGA_START_VERSIONS: 'fulfillment=1' } };
const starting: Deployment = { ...next, name: 'starting', env: { SAGA_START_VERSIONS: 'fulfillment=2' } };

/** Enough stock and money that only a card, an address or a customer can end an order early. */
const plenty = {
  stock: Object.fromEntries(randomProducts.map((name) => [name, 100_000])),
  accounts: Object.fromEntries(randomCustomers.map((name) => [name, 100_000_00])),
};

/** A few orders per second, since the test is about which process handles them. */
const customers = { buyers: 2, pauseMs: 400 };

const phaseMsMax = 120_000;
const testMsMax = 900_000;

describe(`a release of a saga's next version (seed ${seed})`, () => {
  let parts: RunningEngines;
  let kafka: TestBroker | undefined;
  let engines: Engines & Pick<RunningEngines, 'mailFolder' | 'dataFolder'>;
  let fleet: Fleet;
  let teller: StoryTeller;
  let shop: BusyShop;

  beforeAll(async () => {
    parts = await startEngines(newRelease);
    kafka = testEngine() === 'kafka' ? await startTestBroker() : undefined;
    engines = { ...parts, bootstrapServers: kafka?.bootstrapServers ?? parts.bootstrapServers };
    await migrate(newRelease, engines);
    fleet = new Fleet(engines);
    await Promise.all(serviceNames.map((service) => fleet.start(service, earlier)));
    teller = new StoryTeller(engines.bootstrapServers);
    const opened = await openShop({ ...engines, urls: fleet.urls, instances: {} }, teller, plenty);
    shop = busyShop(opened, seededRandom(seed));
  });
  afterAll(async () => {
    await teller?.close();
    await fleet?.stop();
    await kafka?.stop();
    await parts?.stop();
  });

  /** Returns the number of sagas that began since a moment, by `VERSION STATUS`. */
  async function begunSince(moment: Date): Promise<Readonly<Record<string, number>>> {
    const rows = await query(
      engines,
      'order',
      `SELECT version::text, status, count(*)::text AS count FROM saga_instance WHERE started_at >= $1 GROUP BY version, status`,
      [moment.toISOString()],
    );
    return Object.fromEntries(
      rows.map(({ version, status, count }) => [`${version} ${status}`, Number(count)]),
    );
  }

  /**
   * Waits until some orders of this version that begin from now on are completed and some are
   * compensated.
   */
  async function goThrough(version: number): Promise<void> {
    const moment = new Date();
    await until(`orders of version ${version} to complete and to be compensated`, phaseMsMax, async () => {
      const begun = await begunSince(moment);
      return (begun[`${version} completed`] ?? 0) > 2 && (begun[`${version} compensated`] ?? 0) > 0;
    });
  }

  const drained = (version: number) =>
    until(`the last order of version ${version} to end`, phaseMsMax, async () => {
      const begun = await begunSince(new Date(0));
      return Object.keys(begun).every(
        (key) => !key.startsWith(`${version} `) || / (completed|compensated)$/.test(key),
      );
    });

  const readiness = async () => {
    const answer = await fetch(`${fleet.urls.order}/readyz`);
    return { status: answer.status, text: await answer.text() };
  };

  it(
    'S14 learns version 2, starts it, and returns to version 1 and the previous release under load',
    async () => {
      const exitCodes: (number | null)[] = [];
      const problems = await shop.during(async (buyMore) => {
        /** Lets both work side by side for a while and then drains the former one. */
        const replace = async (from: Deployment, to: Deployment, version: number) => {
          await fleet.start('order', to);
          await buyMore(6);
          exitCodes.push(...(await fleet.drain('order', from)));
          await goThrough(version);
        };
        await goThrough(1);
        await replace(earlier, learning, 1);
        await replace(learning, starting, 2);
        await replace(starting, learning, 1);
        await drained(2);
        await replace(learning, earlier, 1);
      }, customers);

      expect(problems).toEqual([]);
      expect(exitCodes).toEqual([0, 0, 0, 0]);
      expect((await begunSince(new Date(0)))['2 completed']).toBeGreaterThan(2);
    },
    testMsMax,
  );

  it(
    'S11 that starts it too early blocks the previous release, which loses nothing and reports why; a process that knows it continues',
    async () => {
      const problems = await shop.during(async (buyMore) => {
        await fleet.start('order', starting);
        await goThrough(2); // on its share of the partitions
        await fleet.drain('payment', earlier);
        const waiting = new Date();
        await until('an order of version 2 to wait for its payment', phaseMsMax, async () => {
          const begun = await begunSince(waiting);
          return (begun['2 running'] ?? 0) > 0;
        });
        await fleet.drain('order', starting);
        await fleet.start('payment', earlier);
        let last = '';
        await until(
          () => `the previous release to be blocked: ${last}`,
          phaseMsMax,
          async () => {
            const { status, text } = await readiness();
            last = text;
            return status === 503 && text.includes('needs version 2, which this process does not know');
          },
        );
        await fleet.start('order', learning);
        await buyMore(6);
        await fleet.drain('order', earlier);
        await until(
          'the later release to be ready',
          phaseMsMax,
          async () => (await readiness()).status === 200,
        );
      }, customers);

      expect(problems).toEqual([]);
    },
    testMsMax,
  );
});
