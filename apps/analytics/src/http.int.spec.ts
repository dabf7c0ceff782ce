import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { orderEvents, type OrderEvent } from '@millrace/contracts';
import { createLogger, readConfig, startService } from '@millrace/service-chassis/service';
import { connectAdmin, connectProducer, type Admin, type Producer } from '@millrace/streaming-core/client';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { until } from '@millrace/testing/within';
import { analyticsModule } from './analytics.module.ts';
import { settings } from './config.ts';
import { cancelled, completed, placed } from './orders.fixture.ts';

const january = '?from=2026-01-01&to=2026-01-31';

let broker: TestBroker;
let admin: Admin;
let producer: Producer;
let stateDir: string;
beforeAll(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'analytics-'));
  broker = await startTestBroker();
  const connection = { bootstrapServers: [broker.bootstrapServers], clientId: 'analytics-test' };
  admin = connectAdmin(connection);
  producer = connectProducer(connection);
  await admin.createTopics([orderEvents.declaration]);
});
afterAll(async () => {
  await producer.close();
  await admin.close();
  await broker.stop();
  rmSync(stateDir, { recursive: true });
});

const send = (...events: readonly OrderEvent[]) =>
  producer.send(
    events.map((event) => ({
      topic: orderEvents.declaration.name,
      key: event.orderId,
      value: JSON.stringify(event),
    })),
  );

async function start() {
  const environment = {
    ANALYTICS_PORT: '0',
    ANALYTICS_STATE_DIR: stateDir,
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
  };
  const service = await startService({
    name: 'analytics',
    config: readConfig(settings, environment),
    logger: createLogger({ service: 'analytics', level: 'silent' }),
    module: analyticsModule,
  });
  await service.started;
  return service;
}

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
      const { url, stop } = await start();
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
      rmSync(stateDir, { recursive: true });
    }

    const [live, restored] = answers;
    expect(live).toMatchObject(expected);
    expect(restored).toEqual(live);
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [...programCommand('apps/analytics/src/batch/main.ts'), '--from', '2026-01-01', '--to', '2026-01-31'],
      { env: { ...programEnvironment(), KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers } },
    );
    const { products: top, ...batch } = JSON.parse(stdout) as Record<string, unknown> & {
      products: readonly object[];
    };
    expect(batch).toEqual(live);
    expect(top[0]).toEqual(products.items[0]);
  });

  it('rejects an invalid day, and answers for the last 30 days if no range is given', async () => {
    const { url, stop } = await start();
    try {
      expect(await get(url, 'summary?from=yesterday')).toMatchObject({ code: 'invalid_request' });
      expect(await get(url, 'summary')).toMatchObject({ placed: 0, days: [] });
    } finally {
      await stop();
    }
  });
});
