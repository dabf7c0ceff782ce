import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { orderEvents, type OrderEvent } from '@millrace/contracts';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { openTestStreamApp, until, type TestStreamApp } from '@millrace/testing/service';
import { analyticsModule } from './analytics.module.ts';
import { settings } from './config.ts';
import { cancelled, completed, placed } from './orders.fixture.ts';

const january = '?from=2026-01-01&to=2026-01-31';

let app: TestStreamApp;
beforeAll(async () => {
  app = await openTestStreamApp({ name: 'analytics', settings, module: analyticsModule });
  await app.admin.createTopics([orderEvents.declaration]);
});
afterAll(async () => app[Symbol.asyncDispose]());

const send = (...events: readonly OrderEvent[]) =>
  app.producer.send(
    events.map((event) => ({
      topic: orderEvents.declaration.name,
      key: event.orderId,
      value: JSON.stringify(event),
    })),
  );

const get = async (url: string, path: string) =>
  (await fetch(`${url}/analytics/${path}`)).json() as Promise<Record<string, unknown>>;

const sent = 40;

describe('the analytics app', () => {
  it('T26 G21 G28 counts what was published before its first start, again after its state is lost, and in a batch', async () => {
    for (let number = 1; number <= sent; number += 1)
      await send(placed(number), number % 4 === 0 ? cancelled(number) : completed(number));
    const expected = {
      placed: sent,
      completed: 30,
      cancelled: { out_of_stock: 10 },
      revenue: { EUR: 30 * 20_00 },
      conversion: 0.75,
    };
    const products = { items: [{ sku: 'mug', quantity: (sent * (sent + 1)) / 2 }] };
    const answers: unknown[] = [];
    for (const _start of ['first', 'without its state']) {
      const { url, stop } = await app.start();
      try {
        answers.push(
          await until(
            () => get(url, `summary${january}`),
            (summary) =>
              summary.placed === sent &&
              summary.completed === 30 &&
              'out_of_stock' in Object(summary.cancelled),
          ),
        );
        await until(
          () => get(url, `products${january}&limit=1`),
          (found) => JSON.stringify(found) === JSON.stringify(products),
        );
      } finally {
        await stop();
      }
      app.loseState();
    }

    const [live, restored] = answers;
    expect(live).toMatchObject(expected);
    expect(restored).toEqual(live);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...programCommand('apps/analytics/src/batch/main.ts'), '--from', '2026-01-01', '--to', '2026-01-31'],
      { env: { ...programEnvironment(), KAFKA_BOOTSTRAP_SERVERS: app.bootstrapServers } },
    );
    const { products: top, ...batch } = JSON.parse(stdout) as Record<string, unknown> & {
      products: readonly object[];
    };
    expect(batch).toEqual(live);
    expect(top[0]).toEqual(products.items[0]);
  });

  it('rejects an invalid day, and answers for the last 30 days if no range is given', async () => {
    const { url, stop } = await app.start();
    try {
      expect(await get(url, 'summary?from=yesterday')).toMatchObject({ code: 'invalid_request' });
      expect(await get(url, 'summary')).toMatchObject({ placed: 0, days: [] });
    } finally {
      await stop();
    }
  });
});
