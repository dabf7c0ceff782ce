import 'reflect-metadata';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { topic } from '@millrace/streaming-core/contract';
import { minutes, silentLogger } from '@millrace/streaming-core/runtime';
import type { TestBroker } from '@millrace/testing/engine';
import type { TestDatabase } from '@millrace/testing/postgres';
import { z } from 'zod';
import { readConfig } from '../config/read-config.ts';
import { serviceConfig } from '../config/service-config.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { startService, type RunningService } from '../lifecycle/start-service.ts';
import { Handles } from './handles.ts';
import { openLogAndDatabase } from './log-and-database.fixture.ts';
import { MessagingModule } from './messaging.module.ts';

const commands = topic(
  'shelf-commands',
  { key: 'orderId', partitions: 2, retention: 'unlimited' },
  { Reserve: z.strictObject({ orderId: z.string() }) },
);

@Controller()
class ShelfMessages {
  @Handles(commands.Reserve)
  reserve(): Promise<void> {
    return Promise.resolve();
  }
}

@Module({})
class ShelfModule {}

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<
    Record<string, { readonly healthy: boolean; readonly details?: Readonly<Record<string, unknown>> }>
  >;
}

describe('two processes of a service under one instance name', () => {
  let broker: TestBroker;
  let database: TestDatabase;
  let close: () => Promise<void>;
  const running: RunningService[] = [];

  beforeAll(async () => void ({ broker, database, close } = await openLogAndDatabase(commands)));
  afterAll(async () => {
    await Promise.all(running.map((service) => service.stop()));
    await close();
  });

  async function startShelf(): Promise<RunningService> {
    const config = readConfig(serviceConfig('shelf', 0), {
      SHELF_PORT: '0',
      SHELF_INSTANCE: 'shelf-1',
      SHELF_DATABASE_URL: database.url,
      KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${broker.port}`,
    });
    const module = {
      module: ShelfModule,
      imports: [
        DatabaseModule.forRoot({ url: config.databaseUrl, poolSize: 5, entities: [] }),
        MessagingModule.forRoot({
          commands: [commands],
          events: [],
          limits: { leaseMs: minutes(10), sessionTimeoutMs: minutes(10) },
        }),
      ],
      controllers: [ShelfMessages],
    };
    const service = await startService({ name: 'shelf', config, logger: silentLogger, module: () => module });
    running.push(service);
    await service.started;
    return service;
  }

  const readiness = async ({ url }: RunningService) =>
    (await (await fetch(`${url}/readyz`)).json()) as Readiness;

  async function eventually(
    service: RunningService,
    accept: (seen: Readiness) => boolean,
  ): Promise<Readiness> {
    for (const deadline = performance.now() + 15_000; ;) {
      const seen = await readiness(service);
      if (accept(seen)) return seen;
      if (performance.now() > deadline)
        throw new Error(`the condition was not met within 15 s; last seen: ${JSON.stringify(seen)}`);
      await wait(20);
    }
  }

  it('pass the partitions and the lease to the newer one immediately, and the older one stops and names the setting to change', async () => {
    const older = await startShelf();
    await eventually(older, ({ checks }) => checks.relay?.details?.publishing === true);
    const younger = await startShelf();
    await eventually(
      younger,
      ({ status, checks }) => status === 'ready' && checks.relay?.details?.publishing === true,
    );
    expect((await readiness(younger)).checks.consumer?.details).toMatchObject({ partitions: 2 });

    const { checks, status } = await eventually(
      older,
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
  }, 40_000);

  it('do not start on a cluster other than the one that their database belongs to', async () => {
    await database.sql.query(`UPDATE log_cluster SET cluster_id = 'elsewhere'`);

    await expect(startShelf()).rejects.toThrow(
      /^this database belongs to cluster elsewhere, and the log is cluster \S+: connect to/,
    );
  }, 40_000);
});
