import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import {
  busyShop,
  competition,
  openShop,
  request,
  startReplica,
  startStack,
  StoryTeller,
  until,
  type BusyShop,
  type StackPlaces,
  type TestStack,
} from '@millrace/testing/shop';

interface Readiness {
  readonly checks: Readonly<Record<'consumer' | 'relay', { readonly details: Readonly<Record<string, unknown>> }>>;
}

const processesOfOrder = ['order', 'order-2'];

describe(`services of several processes (seed ${seed})`, () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: BusyShop;
  /** Processes that customers are not sent to. */
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

  const detailsOf = async (part: string, check: 'consumer' | 'relay') =>
    (await request<Readiness>('GET', `${stack.instances[part]}/readyz`)).body.checks[check].details;
  const publishes = async (part: string) => (await detailsOf(part, 'relay')).publishing === true;
  const partitionsOf = async (part: string) => Number((await detailsOf(part, 'consumer')).partitions);

  it('share the partitions, and one of them publishes', async () => {
    const counts = await Promise.all(processesOfOrder.map(partitionsOf));

    expect(Math.min(...counts)).toBeGreaterThan(0);
    expect(await count(processesOfOrder, publishes)).toBe(1);
  });

  it('join and leave under load: nothing is lost, nothing applied twice', async () => {
    const problems = await shop.during(
      async (buyMore) => {
        await buyMore(6);
        const [drained, killed] = await Promise.all([startReplica(stack, 'order', 'order-3'), startReplica(stack, 'payment', 'payment-3')]);
        await buyMore(10);

        expect(await drained.leave()).toBe(0);
        await Promise.all([killed.kill(), stack.kill('inventory-2'), stack.kill('order')]);
        await buyMore(10);
      },
      { buyers: 3 },
    );

    expect(problems).toEqual([]);
  });

  it('hand over what a paused one held, and shut it out when it wakes', async () => {
    const all = (await Promise.all(processesOfOrder.map(partitionsOf))).reduce((sum, each) => sum + each);
    const paused = (await publishes('order')) ? 'order' : 'order-2';
    const other = paused === 'order' ? 'order-2' : 'order';
    const problems = await shop.during(
      async (buyMore) => {
        await buyMore(6);
        away.add(paused);
        const goOn = stack.pause(paused);
        try {
          await until(`${other} to publish`, 30_000, () => publishes(other));
          await until(`${other} to have every partition`, 30_000, async () => (await partitionsOf(other)) === all);
          await buyMore(6);
        } finally {
          goOn();
          away.clear();
        }
        const shared = async () => (await partitionsOf(paused)) > 0 && (await partitionsOf(other)) < all;
        await until(`${paused} to have partitions again`, 60_000, shared);
        expect(await count(processesOfOrder, publishes)).toBe(1);
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

/** Whoever asks a service gets another of its processes every time. */
function inTurn(stack: StackPlaces, away: ReadonlySet<string>): StackPlaces {
  let turn = 0;
  const next = (service: string): string => {
    const processes = Object.entries(stack.instances).filter(([name]) => name.replace(/-\d+$/, '') === service && !away.has(name));
    return processes[turn++ % processes.length]?.[1] ?? '';
  };
  const urls = Object.fromEntries(Object.keys(stack.urls).map((service) => [service, { get: () => next(service) }]));
  return { ...stack, urls: Object.defineProperties({}, urls) as StackPlaces['urls'] };
}
