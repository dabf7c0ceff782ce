import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import {
  busyShop,
  competition,
  openShop,
  partitionsOf,
  request,
  sharedAmong,
  StoryTeller,
  type BusyShop,
} from '@millrace/test-support/shop';
import { inTurn, startReplica, startStack, until, type TestStack } from '@millrace/test-support/stack';

interface Readiness {
  readonly checks: { readonly relay: { readonly details: { readonly publishing: boolean } } };
}

const processesOfOrder = ['order', 'order-2'];

describe(`services of several processes, with orders of both styles (seed ${seed})`, () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: BusyShop;
  /** The processes that get no requests from customers. */
  const away = new Set<string>();

  beforeAll(async () => {
    stack = await startStack({}, { replicas: { order: 2, inventory: 2, payment: 2 } });
    teller = new StoryTeller(stack.bootstrapServers);
    shop = busyShop(await openShop(inTurn(stack, away), teller, competition), seededRandom(seed));
  });
  afterAll(async () => {
    await teller.close();
    await stack.stop();
  });

  const publishes = async (part: string) =>
    (await request<Readiness>('GET', `${stack.instances[part]}/readyz`)).body.checks.relay.details.publishing;

  /**
   * Waits until only one process publishes. A fenced one notices that it was replaced a moment
   * later.
   */
  const onePublishes = () =>
    until(
      'exactly one process to publish',
      30_000,
      async () => (await count(processesOfOrder, publishes)) === 1,
    );

  it('K02 share the partitions, and one of them publishes', async () => {
    await sharedAmong(stack, 'order', processesOfOrder);
    await onePublishes();
  });

  it('K01 K13 join and leave under load without losing anything or applying anything twice', async () => {
    const problems = await shop.during(
      async (buyMore) => {
        await buyMore(6);
        const [drained, killed] = await Promise.all([
          startReplica(stack, 'order', 'order-3'),
          startReplica(stack, 'payment', 'payment-3'),
        ]);
        await buyMore(10);

        expect(await drained.leave()).toBe(0);
        await Promise.all([killed.kill(), stack.kill('inventory-2'), stack.kill('order')]);
        await buyMore(10);
      },
      { buyers: 3 },
    );

    expect(problems).toEqual([]);
  });

  it('K02 hand over the partitions of a paused process, and fence it off when it wakes', async () => {
    const all = await sharedAmong(stack, 'order', processesOfOrder); // the killed process has its share again
    await onePublishes();
    const paused = (await publishes('order')) ? 'order' : 'order-2';
    const other = paused === 'order' ? 'order-2' : 'order';
    const problems = await shop.during(
      async (buyMore) => {
        await buyMore(6);
        away.add(paused);
        const goOn = stack.pause(paused);
        try {
          await until(`${other} to publish`, 30_000, () => publishes(other));
          await until(
            `${other} to have every partition`,
            30_000,
            async () => (await partitionsOf(stack, other)) === all,
          );
          await buyMore(6);
        } finally {
          goOn();
          away.clear();
        }
        await sharedAmong(stack, 'order', processesOfOrder);
        await onePublishes();
        await buyMore(6);
      },
      { buyers: 3 },
    );

    expect(problems).toEqual([]);
  });
});

async function count<Item>(items: readonly Item[], has: (item: Item) => Promise<boolean>): Promise<number> {
  return (await Promise.all(items.map(has))).filter(Boolean).length;
}
