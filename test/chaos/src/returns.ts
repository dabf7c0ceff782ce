import { setTimeout as sleep } from 'node:timers/promises';
import { CustomersReturn, Refused, type PlacedOrder, type Shop } from '@millrace/test-support/shop';

/** What happens to an order that comes back. */
export interface ReturnPlan {
  /** The first lines of the order, and the units of each. */
  readonly lines: readonly (readonly [name: string, quantity: number])[];
  /** Above the limit. */
  readonly decision: 'approve' | 'deny' | 'none';
  /** `lost` is a parcel that never arrives. */
  readonly parcel: 'scanned' | 'withdrawn' | 'lost';
  readonly delayMs: number;
}

/** Short, so that a return without a decision or a parcel ends within the run. */
export const returnSettings = { RETURN_APPROVAL_MS: '6000', RETURN_PARCEL_MS: '6000' };

const returned = 0.5;
const delayMsMax = 1_500;
const lookEveryMs = 200;

/** Plans the return of about half of the orders, if they are completed. */
export function randomReturn(
  lines: Readonly<Record<string, number>>,
  random: () => number,
): ReturnPlan | undefined {
  const names = Object.entries(lines);
  const [isReturned, count, decision, parcel, delay] = Array.from({ length: 5 }, random) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (isReturned >= returned) return undefined;
  return {
    lines: names.slice(0, 1 + Math.floor(count * names.length)),
    decision: decision < 0.6 ? 'approve' : decision < 0.8 ? 'deny' : 'none',
    parcel: parcel < 0.6 ? 'scanned' : parcel < 0.8 ? 'withdrawn' : 'lost',
    delayMs: delay * delayMsMax,
  };
}

/** Returns the order as planned once it is completed. Resolves once the last request is answered. */
export async function sendBack(
  shop: Shop,
  order: PlacedOrder,
  plan: ReturnPlan,
  signal: AbortSignal,
): Promise<void> {
  const becomes = async (view: () => Promise<{ readonly status: string }>, ...ends: readonly string[]) => {
    let { status } = await view();
    for (; !ends.includes(status); { status } = await view()) await sleep(lookEveryMs, undefined, { signal });
    return status;
  };
  if ((await becomes(() => order.view(), 'completed', 'cancelled')) === 'cancelled') return;
  const own = new CustomersReturn(shop.stack, order);
  await own.isAsked(plan.lines.map(([name, quantity]) => ({ sku: shop.sku(name), quantity })));
  await sleep(plan.delayMs);
  if (plan.decision !== 'none') await unlessTooLate(own.isJudged(plan.decision));
  if (plan.parcel === 'withdrawn') return unlessTooLate(own.isWithdrawn());
  if (plan.parcel === 'lost') return;
  if ((await becomes(own.view, 'announced', 'closed')) === 'announced') await unlessTooLate(own.isScanned());
}

/** A timer of the saga may have come first, and a return below the limit needs no decision. */
async function unlessTooLate(change: Promise<unknown>): Promise<void> {
  await change.catch((error: unknown) => {
    if (!(error instanceof Refused && error.answer.status >= 409 && error.answer.status <= 422)) throw error;
  });
}

/** Every end of a return, with the reason, and how often it happened. */
export const RETURN_OUTCOMES = `
  SELECT CASE type WHEN 'ReturnCompleted' THEN 'return completed' ELSE 'return closed: ' || (data->>'reason') END AS outcome,
    count(*)::integer AS count
  FROM event WHERE stream LIKE 'return-%' AND type IN ('ReturnCompleted', 'ReturnClosed') GROUP BY 1 ORDER BY 1`;

/** The orders whose return has not ended, or whose saga still has something to do. */
export const UNENDED_RETURNS = `
  SELECT substring(stream FROM length('saga-return-') + 1) AS order_id FROM event WHERE stream LIKE 'saga-return-%'
  GROUP BY stream HAVING NOT bool_or(type IN ('SagaCompleted', 'SagaCompensated'))`;
