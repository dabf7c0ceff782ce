import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Module } from '@nestjs/common';
import { topic } from '@millrace/streaming-core/contract';
import { minutes, silentLogger } from '@millrace/streaming-core/runtime';
import { appendToOutbox } from '@millrace/streaming-core/outbox';
import type { TestDatabase } from '@millrace/testing/postgres';
import { until } from '@millrace/testing/within';
import { v7 } from 'uuid';
import { z } from 'zod';
import { readConfig } from '../config/read-config.ts';
import { serviceConfig } from '../config/service-config.ts';
import { DatabaseModule } from '../database/database.module.ts';
import { startService, type RunningService } from '../lifecycle/start-service.ts';
import { Handles } from './handles.ts';
import { openLogAndDatabase, type LogAndDatabase } from './log-and-database.fixture.ts';
import { MessagingModule } from './messaging.module.ts';

const commands = topic(
  'shelf-commands',
  { key: 'orderId', partitions: 1, retention: 'unlimited' },
  { Reserve: z.strictObject({ orderId: z.string() }) },
);

const handled: string[] = [];

@Controller()
class ShelfMessages {
  @Handles(commands.Reserve)
  reserve({ orderId }: { orderId: string }): Promise<void> {
    handled.push(orderId);
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

describe('a service whose database was restored from a backup older than the log', () => {
  let log: LogAndDatabase;
  let restored: TestDatabase;

  beforeAll(async () => void (log = await openLogAndDatabase(commands)));
  afterAll(async () => {
    await restored.drop();
    await log.close();
  });

  async function startShelf(database: TestDatabase): Promise<RunningService> {
    const config = readConfig(serviceConfig('shelf', 0), {
      SHELF_PORT: '0',
      SHELF_INSTANCE: 'shelf-1',
      SHELF_DATABASE_URL: database.url,
      KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:${log.broker.port}`,
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
    await service.started;
    return service;
  }

  async function handleOne(database: TestDatabase, orderId: string): Promise<void> {
    const service = await startShelf(database);
    await appendToOutbox(database.sql, [
      {
        topic: 'shelf-commands',
        key: orderId,
        message: commands.Reserve({ orderId }),
        attributes: {
          id: v7(),
          source: '/millrace/test',
          type: 'Reserve',
          time: new Date().toISOString(),
          subject: orderId,
          dataSchema: '/schemas/shelf-commands/Reserve/1',
          correlationId: orderId,
          causationId: orderId,
        },
      },
    ]);
    await until(
      () => handled,
      (seen) => seen.includes(orderId),
    );
    await service.stop();
  }

  it('is not ready, neither publishes nor handles, and says why on /readyz', async () => {
    await handleOne(log.database, 'first');
    restored = await log.database.copy();
    await handleOne(log.database, 'second');

    const service = await startShelf(restored);
    const seen = await until(
      async () => (await (await fetch(`${service.url}/readyz`)).json()) as Readiness,
      ({ checks }) =>
        checks.relay?.details?.reason !== undefined &&
        (checks.consumer?.details?.refused as unknown[]).length > 0,
    );
    await service.stop();

    expect(seen.status).toBe('unhealthy');
    expect(seen.checks.consumer).toMatchObject({
      healthy: false,
      details: { refused: ['shelf-commands/0'] },
    });
    expect(seen.checks.relay).toMatchObject({
      healthy: false,
      details: { reason: expect.stringMatching(/published up to position 2 .* older than the log/) },
    });
    expect(handled).toEqual(['first', 'second']);
  }, 60_000);
});
