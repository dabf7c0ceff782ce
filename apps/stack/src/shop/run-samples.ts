import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionSecurity } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';
import { ApiError, call, isPassing } from './api.ts';
import { type SampleOrder, expectedOf, type SampleResult, sampleOrders } from './sample-orders.ts';
import { type ServiceUrls, stockShop } from './stock-shop.ts';
import { followTimeline } from './timeline.ts';

interface Shop {
  readonly urls: ServiceUrls;
  readonly bootstrapServers: string;
  readonly security: ConnectionSecurity;
}

/**
 * Stocks the shop and places every sample order. Prints their timelines as they happen. Resolves
 * with the rows of the table.
 */
export async function placeSamples(
  shop: Shop,
  print: (line: string) => void,
  logger: Logger,
): Promise<readonly SampleResult[]> {
  const { urls } = shop;
  print('opening accounts and stocking products');
  await stockShop(urls);
  const timeline = await followTimeline(shop, print, logger);
  print('placing the sample orders');
  try {
    return await Promise.all(
      sampleOrders.map((sample) =>
        runSample(urls, sample, (orderId) => timeline.follow(orderId, sample.scenario)),
      ),
    );
  } finally {
    await timeline.stop();
  }
}

interface SagaAnswer {
  readonly status: string;
  readonly steps: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    readonly sentAt: string | null;
  }>;
  readonly compensations: ReadonlyArray<{ readonly name: string }>;
}

interface OrderAnswer {
  readonly status: string;
  readonly reason?: string;
}

interface SampleLimits {
  readonly pollMs: number;
  readonly endTimeoutMs: number;
}

const defaultSampleLimits: SampleLimits = { pollMs: 50, endTimeoutMs: 60_000 };

/** Everything known about an order so far, from which its row of the table is made. */
interface Progress {
  readonly correlationId: string;
  orderId: string | null;
  order?: OrderAnswer;
  saga?: SagaAnswer;
}

/**
 * Places one order, waits for its end, and returns its row of the table. Never rejects, because a
 * failure is a row too.
 */
export async function runSample(
  urls: ServiceUrls,
  sample: SampleOrder,
  onPlaced: (orderId: string) => void,
  limits: SampleLimits = defaultSampleLimits,
): Promise<SampleResult> {
  const startedAt = performance.now();
  const progress: Progress = { correlationId: randomUUID(), orderId: null };
  const row = (failure?: Error): SampleResult => ({
    orderId: progress.orderId,
    correlationId: progress.correlationId,
    scenario: sample.scenario,
    expected: expectedOf(sample),
    outcome: progress.order?.status ?? 'not placed',
    reason: failure?.message ?? progress.order?.reason ?? null,
    steps: progress.saga?.steps.filter((step) => step.sentAt !== null).map((step) => step.name) ?? [],
    compensations: progress.saga?.compensations.map((compensation) => compensation.name) ?? [],
    durationMs: Math.round(performance.now() - startedAt),
  });
  try {
    await seeThrough(urls, sample, progress, onPlaced, within(limits));
    return row();
  } catch (error) {
    return row(error as Error);
  }
}

async function seeThrough(
  urls: ServiceUrls,
  sample: SampleOrder,
  progress: Progress,
  onPlaced: (orderId: string) => void,
  until: Until,
): Promise<void> {
  const orderId = await until('be placed', () =>
    place(urls.order, sample, progress.correlationId).catch(ifProductsAreUnknown),
  );
  progress.orderId = orderId;
  progress.order = { status: 'pending' };
  onPlaced(orderId);
  if (sample.cancel === true) {
    await until(
      'ask for its payment',
      async () => (await isStepSent(urls.order, orderId, 'pay')) || undefined,
    );
    await call('POST', `${urls.order}/orders/${orderId}/cancel`);
  }
  await until('end', () => hasEnded(urls, orderId, progress));
  if (sample.returns !== undefined) await sendBack(urls, orderId, sample.returns, progress, until);
}

interface ReturnAnswer {
  readonly status: string;
  readonly reason?: string;
}

/** Plays the customer who sends lines back, and the returns desk that scans the parcel. */
async function sendBack(
  urls: ServiceUrls,
  orderId: string,
  lines: NonNullable<SampleOrder['returns']>,
  progress: Progress,
  until: Until,
): Promise<void> {
  const path = `${urls.order}/orders/${orderId}/return`;
  const isIn =
    (...statuses: readonly string[]) =>
    async () => {
      const found = await passing(call<ReturnAnswer>('GET', path));
      return found !== undefined && statuses.includes(found.status) ? found : undefined;
    };
  await call('POST', path, { lines });
  progress.order = { status: 'return open' };
  await until('get the label for its return', isIn('announced'));
  await call('POST', `${urls.shipping}/shipments/${orderId}/return-parcel`);
  const { status, reason } = await until('end its return', isIn('completed', 'closed'));
  progress.order = {
    status: status === 'completed' ? 'returned' : 'return closed',
    ...(reason && { reason }),
  };
}

async function place(
  order: string,
  { customerId, lines, postcode = '10115', card }: SampleOrder,
  correlationId: string,
): Promise<string> {
  const body = {
    customerId,
    lines,
    shippingAddress: {
      name: `${customerId} Sample`,
      street: 'Mill Lane 1',
      city: 'Berlin',
      postcode,
      country: 'DE',
    },
    ...(card !== undefined && { paymentMethod: { card } }),
  };
  const headers = { 'x-correlation-id': correlationId };
  return (await call<{ orderId: string }>('POST', `${order}/orders`, body, headers)).orderId;
}

/** The order service learns of a new product from the log, which a busy machine may delay. */
function ifProductsAreUnknown(error: unknown): undefined {
  if (!(error instanceof ApiError && error.code === 'unknown_product')) throw error;
}

const isStepSent = async (order: string, orderId: string, name: string): Promise<boolean> => {
  const saga = await passing(sagaOf(order, orderId));
  return saga?.steps.some((step) => step.name === name && step.sentAt !== null) === true;
};

/**
 * An order has ended once its status is final, its saga has nothing left to do, and its mail was
 * sent.
 */
async function hasEnded(urls: ServiceUrls, orderId: string, progress: Progress): Promise<true | undefined> {
  const order = await passing(call<OrderAnswer>('GET', `${urls.order}/orders/${orderId}`));
  progress.order = order ?? progress.order;
  progress.saga = (await passing(sagaOf(urls.order, orderId))) ?? progress.saga;
  if (order === undefined || !['completed', 'cancelled'].includes(order.status)) return undefined;
  if (progress.saga === undefined || !['completed', 'compensated'].includes(progress.saga.status))
    return undefined;
  const mails = await passing(
    call<{ items: unknown[] }>('GET', `${urls.notification}/notifications?orderId=${orderId}`),
  );
  return mails !== undefined && mails.items.length > 0 ? true : undefined;
}

/** Returns undefined until the saga has started, a moment after the order was placed. */
const sagaOf = (order: string, orderId: string): Promise<SagaAnswer | undefined> =>
  call<SagaAnswer>('GET', `${order}/sagas/${orderId}`).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });

/** Returns undefined while a service is restarting, since it answers later. */
const passing = <Answer>(asked: Promise<Answer>): Promise<Answer | undefined> =>
  asked.catch((error: unknown) => {
    if (isPassing(error)) return undefined;
    throw error;
  });

type Until = <Result>(what: string, attempt: () => Promise<Result | undefined>) => Promise<Result>;

/** Applies one time limit to the whole order. */
function within({ pollMs, endTimeoutMs }: SampleLimits): Until {
  const limit = performance.now() + endTimeoutMs;
  return async (what, attempt) => {
    for (;;) {
      const result = await attempt();
      if (result !== undefined) return result;
      if (performance.now() > limit) throw new Error(`did not ${what} within ${endTimeoutMs / 1000} s`);
      await sleep(pollMs);
    }
  };
}
