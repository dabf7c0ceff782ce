import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@millrace/testing/random';
import {
  checkBooks,
  isPassing,
  openShop,
  query,
  readBooks,
  StoryTeller,
  type Expected,
  type Shop,
  type Violation,
} from '@millrace/test-support/shop';
import { serviceNames, startStack, type TestStack } from '@millrace/test-support/stack';
import { inflictFaults } from './faults.ts';
import { placeOrders, shopFor, type Load } from './load.ts';
import type { ChaosOptions } from './options.ts';
import { faultInWords, outcomesOf, type Report } from './report.ts';

export interface RunContext {
  readonly print: (line: string) => void;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}

/**
 * Starts a stack of its own, places the orders while parts of it die, and checks the books once all
 * is quiet. At the deadline it stops and reports what has not ended. It leaves nothing running, and
 * keeps the folder if something was wrong.
 */
export async function runChaos(options: ChaosOptions, { print, signal }: RunContext): Promise<Report> {
  const startedAt = performance.now();
  const deadline = AbortSignal.timeout(options.deadlineSeconds * 1000);
  print(`seed ${options.seed}: starting a stack`);
  const stack = await startStack();
  let keepData = false;
  try {
    signal.throwIfAborted();
    const found = await attack(stack, options, { print, signal: AbortSignal.any([signal, deadline]) });
    signal.throwIfAborted();
    keepData = found.violations.length > 0;
    return {
      seed: options.seed,
      orders: options.orders,
      seconds: Math.round((performance.now() - startedAt) / 1000),
      ...found,
      ...(keepData && { folder: stack.dataFolder }),
    };
  } finally {
    print('stopping the stack');
    await stack.stop({ keepData });
  }
}

type Found = Pick<Report, 'kills' | 'outcomes' | 'violations'>;

async function attack(
  stack: TestStack,
  options: ChaosOptions,
  { print, signal }: RunContext,
): Promise<Found> {
  const teller = new StoryTeller(stack.bootstrapServers);
  const shop = await openShop(stack, teller, shopFor(options.orders)).finally(() => teller.close());
  const load = placeOrders(shop, options.orders, seededRandom(options.seed), signal);
  const over = { value: false };
  const kills: Found['kills'][number][] = [];
  const faults = inflictFaults({
    stack,
    options,
    random: seededRandom(options.seed + 1),
    ordersPlaced: () => load.placed.length,
    isOver: () => over.value,
    signal,
    onFault: (fault) => {
      kills.push(fault);
      print(faultInWords(fault));
    },
  });
  const troubles: Report['violations'][number][] = [];
  const troubled = (kind: string, subject: string) => (error: unknown) => {
    if (!signal.aborted) troubles.push({ kind, subject, detail: (error as Error).message });
  };
  const placed = load.done
    .catch(troubled('not_answered', 'an order or its cancellation'))
    .finally(() => (over.value = true));
  const inflicted = faults.catch(troubled('not_recovered', 'the stack'));
  await Promise.race([Promise.all([placed, inflicted]), aborted(signal)]);
  await inflicted; // a stack may be starting right now
  print(`${load.placed.length} orders placed; waiting for them to end`);
  const settled = await settle(stack, shop, load, { print, signal });
  return { kills, outcomes: settled.outcomes, violations: [...troubles, ...settled.violations] };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

const lookEveryMs = 500;
const progressEveryMs = 5_000;

/** Polls until every order has ended and nothing changes any more, or until the deadline. */
async function settle(
  stack: TestStack,
  shop: Shop,
  load: Load,
  { print, signal }: RunContext,
): Promise<Pick<Found, 'outcomes' | 'violations'>> {
  let told = performance.now();
  let before: string | undefined;
  for (;;) {
    const seen = await look(stack, shop, load);
    const moved = await movement(stack).catch(() => undefined);
    const late = seen.violations.filter(isPassing);
    if (signal.aborted || (late.length === 0 && moved !== undefined && moved === before)) return seen;
    before = moved;
    if (performance.now() - told > progressEveryMs) {
      print(`${late.length} orders, accounts or products have not settled`);
      told = performance.now();
    }
    await sleep(lookEveryMs);
  }
}

const unreadable = (error: unknown): Violation => ({
  kind: 'unended_order',
  subject: 'the books',
  detail: `cannot be read: ${(error as Error).message}`,
});

async function look(
  stack: TestStack,
  shop: Shop,
  { placed, cancellations }: Load,
): Promise<Pick<Found, 'outcomes'> & { violations: readonly Violation[] }> {
  try {
    const accepted = placed.map(({ orderId }) => orderId);
    const books = await readBooks(stack);
    const expected = await shop.expected({ accepted, complete: true, cancellations });
    return { outcomes: outcomesOf(books, customersIn(expected)), violations: checkBooks(books, expected) };
  } catch (error) {
    return { outcomes: {}, violations: [unreadable(error)] };
  }
}

const customersIn = ({ deposited }: Expected): ReadonlySet<string> => new Set(deposited.keys());

/**
 * A value that changes whenever an effect is committed anywhere, so that the run also waits for a
 * late duplicate.
 */
async function movement(stack: TestStack): Promise<string> {
  const counts = await Promise.all(
    serviceNames.map((service) =>
      query(stack, service, 'SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM inbox) AS rows'),
    ),
  );
  return counts.map(([row]) => row?.rows).join(' ');
}
