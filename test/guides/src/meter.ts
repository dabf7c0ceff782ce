import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { serviceConfig } from '@millrace/service-chassis/config';
import { Handles, MessagingModule } from '@millrace/service-chassis/messages';
import {
  chassisMigrations,
  createLogger,
  DatabaseModule,
  readConfig,
  startService,
} from '@millrace/service-chassis/service';
import { topic } from '@millrace/streaming-core/contract';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { MessageContext } from '@millrace/streaming-core/consumer';
import { migrate, streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import type { StackPlaces } from '@millrace/test-support/stack';
import { z } from 'zod';
import { readMetrics, type ReadMetric } from './metrics-page.ts';

export const readings = topic(
  'meter-readings',
  { key: 'meterId', partitions: 3, retention: 'unlimited' },
  { Read: z.strictObject({ meterId: z.string(), padding: z.string() }) },
);

/**
 * The age of each message when it was handled. If its transaction was repeated, the last time
 * counts.
 */
const handledAfterMs = new Map<string, number>();

@Controller()
class MeterMessages {
  @Handles(readings.Read)
  async read(_message: object, { id, time }: MessageContext): Promise<void> {
    handledAfterMs.set(id, Date.now() - Date.parse(time));
  }
}

@Module({})
class MeterModule {}

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<string, { readonly details?: Readonly<Record<string, unknown>> }>>;
}

/**
 * A service built like the platform's own, for scenarios that check metrics. It uses the stack's
 * PostgreSQL and log, and its own database.
 */
export interface Meter {
  readonly database: TestDatabase;
  readonly handledAfterMs: ReadonlyMap<string, number>;
  /** Its log lines at level `info` and above. */
  readonly lines: ReadonlyArray<Readonly<Record<string, unknown>>>;
  metrics(): Promise<ReadMetric>;
  ready(): Promise<Readiness>;
  stop(): Promise<void>;
}

/**
 * Starts a meter. With `consumes` it reads the existing topic `meter-readings` and publishes its
 * outbox; otherwise it only watches the log.
 */
export async function startMeter(
  { postgresUrl, bootstrapServers }: Pick<StackPlaces, 'postgresUrl' | 'bootstrapServers'>,
  { consumes, settings = {} }: { readonly consumes: boolean; readonly settings?: NodeJS.ProcessEnv },
): Promise<Meter> {
  const database = await createTestDatabase(postgresUrl);
  await migrate(database.sql, [
    { library: 'streaming-core', folder: streamingCoreMigrations },
    chassisMigrations,
  ]);
  const config = readConfig(serviceConfig('meter', 0), {
    METER_DATABASE_URL: database.url,
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
    ROLES: consumes ? 'worker,relay' : 'relay',
    WATCH_EVERY_MS: '100',
    ...settings,
  });
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  const logger: Logger = createLogger({ service: 'meter', level: 'info', write });
  const module = {
    module: MeterModule,
    imports: [
      DatabaseModule.forRoot({ url: config.databaseUrl, poolSize: 5, entities: [] }),
      MessagingModule.forRoot({ commands: consumes ? [readings] : [], events: [] }),
    ],
    controllers: consumes ? [MeterMessages] : [],
  };
  const service = await startService({ name: 'meter', config, logger, module: () => module });
  await service.started;
  handledAfterMs.clear();
  return {
    database,
    handledAfterMs,
    lines,
    metrics: () => readMetrics(service.url),
    ready: async () => (await (await fetch(`${service.url}/readyz`)).json()) as Readiness,
    async stop() {
      await service.stop();
      await database.drop();
    },
  };
}
