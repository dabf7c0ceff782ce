import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { request, type Shop } from '@millrace/test-support/shop';
import type { ServiceName } from '@millrace/test-support/stack';

/** One piece of a service's own work, asked for over HTTP. */
interface Probe {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** How a service answered over a while. */
export interface Answering {
  readonly answers: number;
  /** Statuses of 500 and above, and connections without an answer. */
  readonly failures: readonly string[];
  readonly medianMs: number;
  readonly worstMs: number;
}

/** What each service is asked again and again: writes where it takes them from people. Accounts and products are not the shop's, which is kept by its books. */
export function probesOf(shop: Shop, orderId: string): Readonly<Record<ServiceName, () => Probe>> {
  const order = shop.orderOf({ customer: 'ada', lines: { lamp: 1 } });
  return {
    order: () => ({ method: 'POST', path: '/orders', body: order }),
    inventory: () => ({
      method: 'PUT',
      path: `/products/probe-${randomUUID()}`,
      body: { name: 'Probe', price: { amount: 100, currency: 'EUR' } },
    }),
    payment: () => ({
      method: 'POST',
      path: '/accounts',
      body: { customerId: `probe-${randomUUID()}`, currency: 'EUR' },
    }),
    shipping: () => ({ method: 'GET', path: `/shipments/${orderId}` }),
    notification: () => ({ method: 'GET', path: `/notifications?orderId=${orderId}` }),
  };
}

const everyMs = 200;

export interface Probing {
  /** Ends it. */
  stop(): Promise<Answering>;
}

/** Asks one service until it is stopped, and once at least. `onBody` gets what was answered. */
export function probe(
  urlOf: () => string,
  next: () => Probe,
  onBody: (body: unknown) => void = () => undefined,
): Probing {
  const times: number[] = [];
  const failures: string[] = [];
  let stopped = false;
  const asking = (async () => {
    do {
      const { method, path, body } = next();
      const startedAt = performance.now();
      try {
        const answer = await request(method, `${urlOf()}${path}`, body);
        if (answer.status >= 500) failures.push(String(answer.status));
        else onBody(answer.body);
      } catch (error) {
        failures.push(String((error as Error).cause ?? error));
      }
      times.push(performance.now() - startedAt);
      await sleep(everyMs);
    } while (!stopped);
  })();
  return {
    async stop() {
      stopped = true;
      await asking;
      const sorted = times.sort((one, other) => one - other);
      return {
        answers: sorted.length,
        failures,
        medianMs: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
        worstMs: Math.round(sorted.at(-1) ?? 0),
      };
    },
  };
}
