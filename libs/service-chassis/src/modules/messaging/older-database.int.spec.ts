import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/within';
import { openLogAndDatabase, type LogAndDatabase } from './log-and-database.fixture.ts';
import { handled, readiness, sendReserve, shelfCommands, startShelf } from './shelf.fixture.ts';

describe('a service whose database was restored from a backup older than the log', () => {
  let log: LogAndDatabase;
  let restored: TestDatabase;

  beforeAll(async () => void (log = await openLogAndDatabase(shelfCommands)));
  afterAll(async () => {
    await restored.drop();
    await log.close();
  });

  async function handleOne(orderId: string): Promise<void> {
    const service = await startShelf(log);
    await sendReserve(log.database, orderId);
    await until(
      () => handled,
      (seen) => seen.includes(orderId),
    );
    await service.stop();
  }

  it('M44 is not ready, neither publishes nor handles, and says why on /readyz', async () => {
    // The keys "first" and "second" both belong to partition 0.
    await handleOne('first');
    restored = await log.database.copy();
    await handleOne('second');

    const service = await startShelf({ broker: log.broker, database: restored });
    const seen = await until(
      () => readiness(service),
      ({ checks }) =>
        checks.relay?.details?.reason !== undefined &&
        (checks.consumer?.details?.refused as unknown[]).length > 0,
    );
    await service.stop();

    expect(seen.status).toBe('unhealthy');
    expect(seen.checks.consumer).toMatchObject({
      healthy: false,
      details: { refused: [{ partition: 'shelf-commands/0', reason: expect.stringContaining('offset') }] },
    });
    expect(seen.checks.relay).toMatchObject({
      healthy: false,
      details: { reason: expect.stringMatching(/published up to position 2 .* older than the log/) },
    });
    expect(handled).toEqual(['first', 'second']);
  });
});
