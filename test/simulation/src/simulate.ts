import type { OrderStyle, PaymentMethod } from '@millrace/contracts';
import { seededRandom } from '@millrace/testing/random';
import * as books from './books.ts';
import { choreographed } from './choreography/choreography.ts';
import { unitPrice, type NewOrder } from './order-service.ts';
import type { Happening } from './process.ts';
import { orderIds, World, type WorldSettings } from './world.ts';

/** A seed whose world breaks a rule, and the shortest story found that breaks one too. */
export interface FailedSeed {
  readonly seed: number;
  readonly problem: string;
  readonly story: readonly string[];
  /** How many things happened before it was shortened. */
  readonly happened: number;
}

interface Broken {
  readonly problem: string;
  readonly story: readonly string[];
}

/** What must hold in a world. They throw if it does not. */
type Rules = Pick<typeof books, 'checkStep' | 'checkEnd'>;

type Random = () => number;
const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const oneOf = <Item>(random: Random, items: readonly [Item, ...Item[]]): Item =>
  items[below(random, items.length)] ?? items[0];

function settingsOf(random: Random): WorldSettings {
  const orders = Array.from({ length: 1 + below(random, 4) }, (_, index): NewOrder => {
    const skus = oneOf(random, [['lamp'], ['vase'], ['lamp', 'vase']]);
    return {
      orderId: `${orderIds}${index + 1}`,
      customerId: oneOf(random, ['ada', 'bob']),
      lines: skus.map((sku) => ({ sku, quantity: 1 + below(random, 3) })),
      paymentMethod: oneOf<PaymentMethod>(random, [
        'account',
        { card: 'tok_approve' },
        { card: 'tok_decline' },
      ]),
      postcode: oneOf(random, ['10115', '10115', '00000']),
      style: oneOf<OrderStyle>(random, ['orchestrated', choreographed]),
    };
  });
  return {
    orders,
    units: { lamp: below(random, 7), vase: 1 + below(random, 6) },
    balances: { ada: below(random, 10) * unitPrice, bob: below(random, 10) * unitPrice },
    impatience: oneOf(random, [0, 0.5, 2, 8]),
  };
}

/** Plays the world of a seed to its end. Returns the story of what was broken, if anything was. */
export async function simulate(seed: number, rules: Rules = books): Promise<FailedSeed | undefined> {
  const random = seededRandom(seed);
  const settings = settingsOf(random);
  const steps = 40 + below(random, 260);
  const happened: string[] = [];
  const broken = await play(settings, rules, (world) => {
    if (happened.length >= steps) return undefined;
    const happenings = world.happenings();
    let left = random() * happenings.reduce((total, { weight }) => total + weight, 0);
    const next = happenings.find(({ weight }) => (left -= weight) < 0);
    if (next !== undefined) happened.push(next.name);
    return next;
  });
  if (broken === undefined) return undefined;
  return { seed, happened: happened.length, ...(await shortest(settings, happened, broken, rules)) };
}

/** Lets happen what `next` chooses until it chooses nothing, and then everything that is still to come. */
async function play(
  settings: WorldSettings,
  rules: Rules,
  next: (world: World) => Happening | undefined,
): Promise<Broken | undefined> {
  const world = new World(settings);
  try {
    for (let chosen = next(world); chosen !== undefined; chosen = next(world)) {
      await world.happen(chosen);
      rules.checkStep(settings, world);
    }
    await world.settle(() => rules.checkStep(settings, world));
    rules.checkEnd(settings, world);
    return undefined;
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { problem: problem.replaceAll(orderIds, 'order '), story: world.story };
  }
}

const replay = (
  settings: WorldSettings,
  names: readonly string[],
  rules: Rules,
): Promise<Broken | undefined> => {
  const left = [...names];
  return play(settings, rules, (world) => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const found = world.happening(name);
      if (found !== undefined) return found;
    }
    return undefined;
  });
};

/**
 * Leaves out what is not needed to break a rule: first halves, then smaller parts, then single steps, until
 * no single step can be left out (delta debugging, A. Zeller, 1999). What cannot happen without what was left
 * out is passed over.
 */
async function shortest(
  settings: WorldSettings,
  happened: readonly string[],
  broken: Broken,
  rules: Rules,
): Promise<Broken> {
  let names = happened;
  let found = broken;
  for (let size = Math.ceil(names.length / 2); size >= 1;) {
    const before = names.length;
    for (let from = 0; from < names.length;) {
      const fewer = [...names.slice(0, from), ...names.slice(from + size)];
      const still = await replay(settings, fewer, rules);
      if (still === undefined) from += size;
      else {
        names = fewer;
        found = still;
      }
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (names.length === before) return found;
  }
  return found;
}
