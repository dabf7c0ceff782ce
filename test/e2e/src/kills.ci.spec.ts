import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import { busyShop, competition, openShop, StoryTeller, type BusyShop } from '@millrace/test-support/shop';
import { serviceNames, startStack, type TestStack } from '@millrace/test-support/stack';

type Kill = (stack: TestStack) => Promise<void>;

const part =
  (name: string): Kill =>
  (stack) =>
    stack.kill(name);

const wholeStack =
  (who: 'supervisor' | 'everything'): Kill =>
  async (stack) => {
    await stack.crash(who);
    await stack.startAgain();
  };

/** Each line kills one after the other, while orders go on. */
const kills: ReadonlyArray<readonly [string, readonly Kill[]]> = [
  ['each service', serviceNames.map(part)],
  [
    "the broker, PostgreSQL and one of PostgreSQL's child processes",
    [part('broker'), part('postgres'), (stack) => stack.killBackend()],
  ],
  ['the stack process, which leaves its children running', [wholeStack('supervisor')]],
  ['every process at once', [wholeStack('everything')]],
];

describe(`kill -9 in the middle of orders of both styles (seed ${seed})`, () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: BusyShop;

  beforeAll(async () => {
    stack = await startStack();
    teller = new StoryTeller(stack.bootstrapServers);
    shop = busyShop(await openShop(stack, teller, competition), seededRandom(seed));
  });
  afterAll(async () => {
    await teller.close();
    await stack.stop();
  });

  it.each(kills)(
    'K04 W02 K13 of %s neither loses nor repeats an order or a unit of stock',
    async (_what, victims) => {
      const problems = await shop.during(async (buyMore) => {
        await buyMore(6);
        for (const kill of victims) {
          await kill(stack);
          await buyMore(6);
        }
      });

      expect(problems).toEqual([]);
    },
  );
});
