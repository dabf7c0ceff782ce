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
  sharedAmong,
  StoryTeller,
  type BusyShop,
} from '@millrace/test-support/shop';
import { startReplica, startStack, until, type TestStack } from '@millrace/test-support/stack';

interface Readiness {
  readonly status: string;
  readonly roles: readonly string[];
  readonly checks: {
    readonly relay?: { readonly details: { readonly publishing: boolean } };
  };
}

const waitMsMax = 60_000;
const processesOfPayment = ['payment', 'payment-2'];
/** One more than a topic has partitions. */
const processesOfShipping = ['shipping', ...[2, 3, 4, 5, 6, 7].map((number) => `shipping-${number}`)];
const replicas = {
  inventory: 2,
  payment: processesOfPayment.length,
  shipping: processesOfShipping.length,
};

describe(`services of several processes, one of which has a process per role (seed ${seed})`, () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: BusyShop;

  beforeAll(async () => {
    stack = await startStack({}, { split: ['order'], replicas });
    teller = new StoryTeller(stack.bootstrapServers);
    shop = busyShop(await openShop(stack, teller, competition), seededRandom(seed));
  });
  afterAll(async () => {
    await teller.close();
    await stack.stop();
  });

  const readiness = async (part: string) =>
    (await request<Readiness>('GET', `${stack.instances[part]}/readyz`)).body;
  const publishes = async (part: string) => (await readiness(part)).checks.relay?.details.publishing === true;
  const shares = () => Promise.all(processesOfShipping.map((part) => partitionsOf(stack, part)));

  /**
   * Waits until only one process of payment publishes, and resolves to it and the other one. A
   * fenced process notices a moment later that it was replaced.
   */
  const onePublishes = async (): Promise<readonly [publisher: string, other: string]> => {
    let publishing: readonly boolean[] = [];
    await until('exactly one process to publish', waitMsMax, async () => {
      publishing = await Promise.all(processesOfPayment.map(publishes));
      return publishing.filter(Boolean).length === 1;
    });
    return publishing[0] === true ? ['payment', 'payment-2'] : ['payment-2', 'payment'];
  };

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
      ['ready', 'api', 'keys,database'],
      ['ready', 'worker', 'keys,database,consumer'],
      ['ready', 'relay', 'keys,database,relay'],
      ['ready', 'projector', 'keys,database,projector'],
    ]);
    expect(await request('POST', `${stack.instances['order-worker']}/orders`, {})).toMatchObject({
      status: 421,
      body: { code: 'not_served_here' },
    });
  });

  it('K02 K11 share the partitions, and hand those of a paused process to another one, which is a standby where processes outnumber partitions', async () => {
    const all = await sharedAmong(stack, 'payment', processesOfPayment);
    const [publisher, other] = await onePublishes();
    let before: readonly number[] = [];
    await until(
      () => `six processes to own as many partitions each, and one none: they own ${before.join()}`,
      waitMsMax,
      async () => {
        before = await shares();
        const [first, ...owners] = before.toSorted((one, another) => one - another);
        return first === 0 && owners[0]! > 0 && new Set(owners).size === 1;
      },
    );
    expect((await Promise.all(processesOfShipping.map(readiness))).map(({ status }) => status)).toEqual(
      processesOfShipping.map(() => 'ready'),
    );

    const standby = processesOfShipping[before.indexOf(0)]!;
    const owner = processesOfShipping[before.findIndex((share) => share > 0)]!;
    const problems = await shop.during(
      async (buyMore) => {
        await buyMore(6);
        const wakeUps = [publisher, owner].map((part) => stack.pause(part));
        try {
          await until(`${other} to publish`, waitMsMax, () => publishes(other));
          await until(
            `${other} to have every partition`,
            waitMsMax,
            async () => (await partitionsOf(stack, other)) === all,
          );
          await until(
            'the standby to own partitions',
            waitMsMax,
            async () => (await partitionsOf(stack, standby)) > 0,
          );
          await buyMore(6);
        } finally {
          wakeUps.forEach((wakeUp) => wakeUp());
        }
        await sharedAmong(stack, 'payment', processesOfPayment);
        await onePublishes();
        await buyMore(6);
      },
      { buyers: 3 },
    );
    expect(problems).toEqual([]);
  });

  it('K01 K10 K13 lose nothing, apply nothing twice and keep the read model complete while processes and roles join, leave and are killed under load', async () => {
    const join = (instance: string, roles: string) =>
      startReplica(stack, 'order', instance, {
        env: { ROLES: roles, ORDER_READ_DATABASE_URL: `${stack.postgresUrl}/millrace_order_read` },
      });
    const problems = await shop.during(
      async (buyMore) => {
        await buyMore(6);
        const [worker, projector, drained, killed] = await Promise.all([
          join('order-worker-9', 'worker'),
          join('order-projector-9', 'projector'),
          startReplica(stack, 'inventory', 'inventory-3'),
          startReplica(stack, 'payment', 'payment-3'),
        ]);
        await buyMore(10);
        const victims = ['order', 'order-worker', 'order-relay', 'order-projector', 'inventory-2'];
        await Promise.all([killed.kill(), ...victims.map((part) => stack.kill(part))]);
        await buyMore(6);
        const leaving = [worker, projector, drained].map((replica) => replica.leave());
        expect(await Promise.all(leaving)).toEqual([0, 0, 0]);
        await buyMore(6);
      },
      { buyers: 3 },
    );

    expect(problems).toEqual([]);
    const written = inWords(
      await query(stack, 'order', 'SELECT order_id AS "orderId", status, version FROM order_summary'),
    );
    let shown: readonly string[] = [];
    await until(
      () => `the read model to show ${written.length} orders as they were written: it shows ${shown.length}`,
      waitMsMax,
      async () =>
        (shown = inWords(await overviews()).filter((order) => written.includes(order))).length ===
        written.length,
    );
  });

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
