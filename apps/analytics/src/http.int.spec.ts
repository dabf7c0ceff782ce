import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { orderEvents, type OrderEvent } from '@millrace/contracts';
import { connectLogReader } from '@millrace/streaming-core/client';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { openTestStreamApp, until, type TestStreamApp } from '@millrace/testing/service';
import { analyticsModule } from './analytics.module.ts';
import { settings } from './config.ts';
import { cancelled, completed, placed } from './orders.fixture.ts';
import { refusedEvents } from './topology.ts';

const january = '?from=2026-01-01&to=2026-01-31';

let app: TestStreamApp;
beforeAll(async () => {
  app = await openTestStreamApp({ name: 'analytics', settings, module: analyticsModule });
  await app.admin.createTopics([orderEvents.declaration]);
  await app.admin.topics.create([{ name: refusedEvents, partitions: 1 }]);
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

/** The reasons of the dead letters in a topic. */
async function lettersIn(topic: string): Promise<readonly string[]> {
  const place = { bootstrapServers: [app.bootstrapServers], clientId: 'analytics-test' };
  await using reader = connectLogReader({ ...place, isolation: 'read_committed', fetchMaxWaitMs: 20 });
  const [fetched] = await reader.fetch([{ topic, partition: 0, offset: 0n }]);
  return (fetched?.records ?? []).map(({ headers }) => headers.get('dlq_reason') ?? '');
}

const sent = 40;

describe('the analytics app', () => {
  it('T26 G21 G28 counts what was published before its first start, again after its state is lost, and in a batch', async () => {
    await app.producer.send([{ topic: orderEvents.declaration.name, key: 'k', value: 'no event' }]);
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

  it('counts on after records that are no event of an order, which go to a topic of their own', async () => {
    const { url, stop } = await app.start();
    try {
      const day = '?from=2026-03-01&to=2026-03-01';
      const event = placed(sent + 1, '2026-03-01');
      const foreign = [
        ['k', 'x'],
        ['k', '{"type":"OrderCreated"}'],
        ['k', null],
        [null, JSON.stringify(event)],
      ] as const;
      const { name: topic } = orderEvents.declaration;
      await app.producer.send(foreign.map(([key, value]) => ({ topic, partition: 0, key, value })));
      await app.producer.send([{ topic, partition: 0, key: event.orderId, value: JSON.stringify(event) }]);

      await until(
        () => get(url, `summary${day}`),
        ({ placed: count }) => count === 1,
      );
      expect((await lettersIn(refusedEvents)).slice(1)).toEqual([
        expect.stringMatching(/the bytes are not JSON/),
        expect.stringMatching(/the schema refuses the value: .*orderId/s),
        'the record has no value',
        'the record has no key',
      ]);
    } finally {
      await stop();
    }
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
