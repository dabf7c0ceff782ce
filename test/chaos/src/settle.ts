import { setTimeout as sleep } from 'node:timers/promises';
import {
  checkBooks,
  checkServices,
  isPassing,
  query,
  readBooks,
  type Expected,
  type ServiceViolation,
  type Shop,
  type Violation,
} from '@millrace/test-support/shop';
import { serviceNames, type TestStack } from '@millrace/test-support/stack';
import type { Load } from './load.ts';
import { RETURN_OUTCOMES, UNENDED_RETURNS } from './returns.ts';
import { outcomesOf, type Report } from './report.ts';

interface Seen {
  readonly outcomes: Report['outcomes'];
  readonly violations: ReadonlyArray<Violation | ServiceViolation>;
}

interface Watching {
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

const lookEveryMs = 500;
const progressEveryMs = 5_000;

/** Polls until every order and every return has ended and nothing changes any more, or until the deadline. */
export async function settle(
  stack: TestStack,
  shop: Shop,
  load: Load,
  { print, signal }: Watching,
): Promise<Seen> {
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

const unended = (orderId: string): Violation => ({
  kind: 'unended_saga',
  subject: `the return of order ${orderId}`,
  detail: 'its fulfillment is still running',
});

async function look(stack: TestStack, shop: Shop, { placed, cancellations }: Load): Promise<Seen> {
  try {
    const accepted = placed.map(({ orderId }) => orderId);
    const books = await readBooks(stack);
    const expected = await shop.expected({ accepted, complete: true, cancellations });
    const returns = await query(stack, 'order', RETURN_OUTCOMES);
    return {
      outcomes: {
        ...outcomesOf(books, customersIn(expected)),
        ...Object.fromEntries(returns.map(({ outcome, count }) => [String(outcome), Number(count)])),
      },
      violations: [
        ...checkBooks(books, expected),
        ...(await query(stack, 'order', UNENDED_RETURNS)).map(({ order_id: orderId }) =>
          unended(String(orderId)),
        ),
        ...(await checkServices(stack, books)),
      ],
    };
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
