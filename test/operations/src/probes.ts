import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { request, type Shop } from '@millrace/test-support/shop';
import type { ServiceName } from '@millrace/test-support/stack';

/** An HTTP request for a piece of a service's own work. */
interface Probe {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** A service's answers over a period. */
export interface Answering {
  readonly answers: number;
  /** The statuses of 500 and above, and the connections without an answer. */
  readonly failures: readonly string[];
  readonly medianMs: number;
  readonly worstMs: number;
}

/**
 * The requests that each service gets repeatedly: writes, where it accepts them from people. They
 * use their own accounts and products, since the books check those of the shop.
 */
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
  stop(): Promise<Answering>;
}

/**
 * Sends requests to one service until it is stopped, at least one. `onBody` gets the body of each
 * answer.
 */
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
