import { setTimeout as sleep } from 'node:timers/promises';
import { call, ApiError } from './api.ts';
import type { SampleOrder } from './sample-orders.ts';
import type { ServiceUrls } from './stock-shop.ts';

export interface SampleResult {
  readonly orderId: string;
  readonly scenario: string;
  readonly expected: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly steps: readonly string[];
  readonly compensations: readonly string[];
  readonly durationMs: number;
}

interface SagaAnswer {
  readonly status: string;
  readonly steps: ReadonlyArray<{ readonly name: string; readonly status: string; readonly sentAt: string | null }>;
  readonly compensations: ReadonlyArray<{ readonly name: string }>;
}

interface OrderAnswer {
  readonly status: string;
  readonly reason?: string;
}

const pollMs = 25;
const endTimeoutMs = 60_000;

/** Places one order, sees it through to its end, and says what became of it. */
export async function runSample(urls: ServiceUrls, sample: SampleOrder, onPlaced: (orderId: string) => void): Promise<SampleResult> {
  const startedAt = performance.now();
  const orderId = await place(urls.order, sample);
  onPlaced(orderId);
  if (sample.cancel === true) {
    await untilStepSent(urls.order, orderId, 'pay');
    await call('POST', `${urls.order}/orders/${orderId}/cancel`);
  }
  const { order, saga } = await untilEnded(urls, orderId);
  return {
    orderId,
    scenario: sample.scenario,
    expected: describe(sample.expected.outcome, sample.expected.reason),
    outcome: order.status,
    reason: order.reason ?? null,
    steps: saga.steps.filter((step) => step.sentAt !== null).map((step) => step.name),
    compensations: saga.compensations.map((compensation) => compensation.name),
    durationMs: Math.round(performance.now() - startedAt),
  };
}

export const describe = (outcome: string, reason?: string | null): string => (reason == null ? outcome : `${outcome} (${reason})`);

export const endedAsExpected = (result: SampleResult): boolean => describe(result.outcome, result.reason) === result.expected;

/** The order service learns of new products within milliseconds: until then it answers 422 `unknown_product`. */
async function place(order: string, { customerId, lines, postcode = '10115', card }: SampleOrder): Promise<string> {
  const body = {
    customerId,
    lines,
    shippingAddress: { name: `${customerId} Sample`, street: 'Mill Lane 1', city: 'Berlin', postcode, country: 'DE' },
    ...(card !== undefined && { paymentMethod: { card } }),
  };
  return within('the order service to know the products', async () => {
    try {
      return (await call<{ orderId: string }>('POST', `${order}/orders`, body)).orderId;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'unknown_product') return undefined;
      throw error;
    }
  });
}

const untilStepSent = (order: string, orderId: string, name: string): Promise<true> =>
  within(`step ${name} of order ${orderId}`, async () => {
    const saga = await sagaOf(order, orderId);
    return saga?.steps.some((step) => step.name === name && step.sentAt !== null) === true ? true : undefined;
  });

/** An order has ended when its status is final, its saga has nothing left to do, and its mail is out. */
const untilEnded = (urls: ServiceUrls, orderId: string): Promise<{ order: OrderAnswer; saga: SagaAnswer }> =>
  within(`order ${orderId} to end`, async () => {
    const order = await call<OrderAnswer>('GET', `${urls.order}/orders/${orderId}`);
    const saga = await sagaOf(urls.order, orderId);
    if (!['completed', 'cancelled'].includes(order.status) || saga === undefined || !['completed', 'compensated'].includes(saga.status))
      return undefined;
    const { items } = await call<{ items: unknown[] }>('GET', `${urls.notification}/notifications?orderId=${orderId}`);
    return items.length > 0 ? { order, saga } : undefined;
  });

/** The saga starts with its first message, a moment after the order was placed. */
const sagaOf = (order: string, orderId: string): Promise<SagaAnswer | undefined> =>
  call<SagaAnswer>('GET', `${order}/sagas/${orderId}`).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });

async function within<Result>(what: string, attempt: () => Promise<Result | undefined>): Promise<Result> {
  const limit = performance.now() + endTimeoutMs;
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    if (performance.now() > limit) throw new Error(`waited ${endTimeoutMs / 1000} s for ${what}`);
    await sleep(pollMs);
  }
}
