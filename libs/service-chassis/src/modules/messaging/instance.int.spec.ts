import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import type { RunningService } from '../../boot/start-service.ts';
import { openLogAndDatabase, type LogAndDatabase } from './log-and-database.fixture.ts';
import { readiness, shelfCommands, startShelf } from './shelf.fixture.ts';

describe('two processes of a service under one instance name', () => {
  let log: LogAndDatabase;
  const running: RunningService[] = [];

  beforeAll(async () => void (log = await openLogAndDatabase(shelfCommands)));
  afterAll(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await log.close();
  });

  async function start(): Promise<RunningService> {
    const service = await startShelf(log);
    running.push(service);
    return service;
  }

  it('pass the partitions and the lease to the newer one immediately, and the older one stops and names the setting to change', async () => {
    const older = await start();
    await until(
      () => readiness(older),
      ({ checks }) => checks.relay?.details?.publishing === true,
    );
    const younger = await start();
    await until(
      () => readiness(younger),
      ({ status, checks }) => status === 'ready' && checks.relay?.details?.publishing === true,
    );
    expect((await readiness(younger)).checks.consumer?.details).toMatchObject({ partitions: 2 });

    const { checks, status } = await until(
      () => readiness(older),
      (seen) =>
        seen.checks.consumer?.details?.reason !== undefined &&
        String(seen.checks.relay?.details?.reason).includes('has stopped'),
    );

    expect(status).toBe('unhealthy');
    expect(checks.consumer).toEqual({
      healthy: false,
      details: {
        partitions: 0,
        refused: [],
        blocked: [],
        parkedKeys: 0,
        parkedMessages: 0,
        waitingForRoom: [],
        reason: expect.stringContaining('"shelf-1"'),
        setting: 'SHELF_INSTANCE',
      },
    });
    expect(checks.relay).toMatchObject({
      healthy: false,
      details: { reason: expect.stringContaining('as holder "shelf-1"'), setting: 'SHELF_INSTANCE' },
    });
    expect((await readiness(younger)).status).toBe('ready');
  });

  it('A09 do not start on a cluster other than the one that their database belongs to', async () => {
    await log.database.sql.query(`UPDATE log_cluster SET cluster_id = 'elsewhere'`);

    await expect(start()).rejects.toThrow(
      /^this database belongs to cluster elsewhere, and the log is cluster \S+: connect to/,
    );
  });
});
