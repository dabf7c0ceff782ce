import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import {
  ask,
  busyShop,
  competition,
  openShop,
  partitionsOf,
  query,
  request,
  StoryTeller,
  type BusyShop,
} from '@millrace/test-support/shop';
import { startReplica, startStack, until, type TestStack } from '@millrace/test-support/stack';

interface Readiness {
  readonly status: string;
  readonly roles: readonly string[];
  readonly checks: object;
}

const shippingProcesses = ['shipping', ...[2, 3, 4, 5, 6, 7, 8].map((number) => `shipping-${number}`)];

describe(`a service with one process per role, and one with more processes than partitions (seed ${seed})`, () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: BusyShop;

  beforeAll(async () => {
    stack = await startStack({}, { split: ['order'], replicas: { shipping: 8 } });
    teller = new StoryTeller(stack.bootstrapServers);
    shop = busyShop(await openShop(stack, teller, competition), seededRandom(seed));
  });
  afterAll(async () => {
    await teller.close();
    await stack.stop();
  });

  const readiness = async (part: string) =>
    (await request<Readiness>('GET', `${stack.instances[part]}/readyz`)).body;
  const shares = () => Promise.all(shippingProcesses.map((part) => partitionsOf(stack, part)));

  it('K09 report their roles and do only their own work', async () => {
    const parts = ['order', 'order-worker', 'order-relay', 'order-projector'];
    const seen = await Promise.all(parts.map(readiness));
    expect(
      seen.map(({ status, roles, checks }) => [
        status,
        roles.join(),
        Object.keys(checks)
          .filter((check) => check !== 'alarms')
          .join(),
      ]),
    ).toEqual([
      ['ready', 'api', 'database,keys'],
      ['ready', 'worker', 'database,keys,consumer'],
      ['ready', 'relay', 'database,keys,relay'],
      ['ready', 'projector', 'database,keys,projector'],
    ]);
    expect(await request('POST', `${stack.instances['order-worker']}/orders`, {})).toMatchObject({
      status: 421,
      body: { code: 'not_served_here' },
    });
  });

  it('K11 give the partitions to six of eight processes, and to a standby when one of the six is paused', async () => {
    let before: readonly number[] = [];
    await until(
      () => `six processes to own as many partitions each, and two none: they own ${before.join()}`,
      60_000,
      async () => {
        before = await shares();
        const [first, second, ...owners] = before.toSorted((one, other) => one - other);
        return first === 0 && second === 0 && owners[0]! > 0 && new Set(owners).size === 1;
      },
    );
    expect((await Promise.all(shippingProcesses.map(readiness))).map(({ status }) => status)).toEqual(
      Array(8).fill('ready'),
    );

    const owner = before.findIndex((share) => share > 0);
    const standbys = before.flatMap((share, index) => (share === 0 ? [index] : []));
    const problems = await shop.during(async (buyMore) => {
      const goOn = stack.pause(shippingProcesses[owner]!);
      try {
        const owned = async (index: number) => (await partitionsOf(stack, shippingProcesses[index]!)) > 0;
        await until('a standby to own partitions', 60_000, async () =>
          (await Promise.all(standbys.map(owned))).includes(true),
        );
        await buyMore(5);
      } finally {
        goOn();
      }
    });
    expect(problems).toEqual([]);
  }, 240_000);

  it('K10 lose nothing, apply nothing twice and keep the read model complete while roles join, leave and are killed under load', async () => {
    const join = (instance: string, roles: string) =>
      startReplica(stack, 'order', instance, {
        env: { ROLES: roles, ORDER_READ_DATABASE_URL: `${stack.postgresUrl}/millrace_order_read` },
      });
    const problems = await shop.during(async (buyMore) => {
      await buyMore(5);
      const [worker, projector] = await Promise.all([
        join('order-worker-9', 'worker'),
        join('order-projector-9', 'projector'),
      ]);
      await buyMore(8);
      await Promise.all(['order-worker', 'order-relay', 'order-projector'].map((part) => stack.kill(part)));
      await buyMore(5);
      expect(await Promise.all([worker.leave(), projector.leave()])).toEqual([0, 0]);
      await buyMore(5);
    });

    expect(problems).toEqual([]);
    const written = inWords(
      await query(stack, 'order', 'SELECT order_id AS "orderId", status, version FROM order_summary'),
    );
    let shown: readonly string[] = [];
    await until(
      () => `the read model to show ${written.length} orders as they were written: it shows ${shown.length}`,
      60_000,
      async () =>
        (shown = inWords(await overviews()).filter((order) => written.includes(order))).length ===
        written.length,
    );
  }, 300_000);

  async function overviews(): Promise<readonly Seen[]> {
    const seen: Seen[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { items: Seen[]; nextCursor: string | null } = await ask(
        'GET',
        `${stack.urls.order}/order-overviews?limit=200${cursor}`,
      );
      seen.push(...page.items);
      cursor = page.nextCursor && `&cursor=${page.nextCursor}`;
    }
    return seen;
  }
});

interface Seen {
  readonly orderId: string;
  readonly status: string;
  readonly version: number | string;
}

const inWords = (orders: readonly unknown[]): readonly string[] =>
  (orders as readonly Seen[]).map(({ orderId, status, version }) => `${orderId} ${status} ${version}`).sort();
