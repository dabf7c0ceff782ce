import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin, type Admin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { until } from '@millrace/testing/within';
import type { RunningService } from '../../boot/start-service.ts';
import { openLogAndDatabase, type LogAndDatabase } from './log-and-database.fixture.ts';
import { handled, readiness, sendReserve, shelfCommands, startShelf } from './shelf.fixture.ts';

describe('a service with RELAY_DELIVERY=exactly-once', () => {
  let log: LogAndDatabase;
  let admin: Admin;
  let service: RunningService | undefined;

  beforeAll(async () => {
    log = await openLogAndDatabase(shelfCommands);
    const bootstrapServers = [`127.0.0.1:${log.broker.port}`];
    admin = connectAdmin({ bootstrapServers, clientId: 'test', logger: silentLogger });
  });
  afterAll(async () => {
    await service?.stop();
    await admin.close();
    await log.close();
  });

  /** Starts the service, and resolves once it has handled the order and its relay has no more. */
  async function handles(orderId: string, delivery?: string): Promise<void> {
    const running = await startShelf(log, { RELAY_DELIVERY: delivery, WATCH_EVERY_MS: '50' });
    service = running;
    await sendReserve(log.database, orderId);
    await until(
      () => handled,
      (orders) => orders.includes(orderId),
    );
    const { checks } = await until(
      () => readiness(running),
      ({ checks: { relay } }) => relay?.details?.oldestUnpublishedAgeMs === null,
    );
    expect(checks.relay).toMatchObject({ healthy: true, details: { publishing: true } });
    await until(
      async () => (await fetch(`${running.url}/metrics`)).text(),
      (page) => lagsIn(page).length === 2 && lagsIn(page).every((lag) => lag === '0'),
    );
    await running.stop();
  }

  const lagsIn = (page: string) =>
    [...page.matchAll(/^kafka_consumer_group_lag\{[^}]*\} (\d+)$/gm)].map(([, lag]) => lag);

  it('M51 keeps the cursor of its relay on the log, and can go back', async () => {
    await handles('before');
    expect((await admin.describeTopics(['shelf-relay-cursor'])).size).toBe(0);
    await handles('exactly once', 'exactly-once');
    expect((await admin.describeTopics(['shelf-relay-cursor'])).size).toBe(1);
    await handles('after', 'at-least-once');

    expect(handled).toEqual(['before', 'exactly once', 'after']);
  });

  it('publishes with RELAY=cdc too while no Connect worker answers, and names the remedy', async () => {
    const running = await startShelf(log, { RELAY: 'cdc', RELAY_CONNECT_URL: 'http://127.0.0.1:1' });
    service = running;
    await sendReserve(log.database, 'without a worker');
    await until(
      () => handled,
      (orders) => orders.includes('without a worker'),
    );
    const { checks } = await until(
      () => readiness(running),
      ({ checks: { relay } }) => relay?.healthy === false,
    );
    expect(checks.relay?.details).toMatchObject({
      publishing: true,
      follows: false,
      reason: expect.stringMatching(/RELAY_CONNECT_URL.*RELAY=poll/),
    });
    await running.stop();
  });
});
