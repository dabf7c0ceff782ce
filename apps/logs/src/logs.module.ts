import { join } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { HEALTH } from '@millrace/service-chassis/app';
import { alive, LiveAnswers, liveAnswers } from '@millrace/service-chassis/http';
import {
  chassisMigrations,
  DatabaseModule,
  GROUP_WATCHES,
  LOGGER,
  provide,
  provideLifecycle,
  QUIET_DATABASE,
  token,
} from '@millrace/service-chassis/service';
import { connectLogReader, connectProducer, type OpenLogReader } from '@millrace/streaming-core/client';
import { streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { days, systemClock } from '@millrace/streaming-core/runtime';
import type { LogsConfig } from './config.ts';
import { LiveLines } from './http/live-lines.ts';
import { LIVE_LINES, LogsController } from './http/logs.controller.ts';
import { createIndexer, indexGroup } from './indexer/indexer.ts';
import { createShipper, lineBatches } from './shipper/shipper.ts';

/** The migrations of its database, in the order in which the setup step applies them. */
export const migrations = [
  { library: 'streaming-core', folder: streamingCoreMigrations },
  chassisMigrations,
  { library: 'logs', folder: join(import.meta.dirname, '../src/migrations') },
];

const LIVE_READER = token<OpenLogReader>('LiveReader');

@Module({})
class LogsModule {}

export const logsModule = (config: LogsConfig): DynamicModule => ({
  module: LogsModule,
  imports: [
    DatabaseModule.forRoot({ url: config.databaseUrl, poolSize: config.databasePoolSize, migrations }),
  ],
  controllers: [LogsController],
  providers: [
    provide(LIVE_READER, [LOGGER], (logger) =>
      connectLogReader({
        ...brokersOf(config),
        clientId: 'millrace-logs-live',
        fetchMaxBytes: 256 * 1024,
        logger,
      }),
    ),
    provideLifecycle({ name: 'reader of live lines', role: 'api' }, [LIVE_READER], (reader) => ({
      start: () => undefined,
      stop: () => reader.close(),
    })),
    ...liveAnswers({ limits: config, heartbeat: alive }),
    provide(
      LIVE_LINES,
      [LIVE_READER, LiveAnswers, LOGGER],
      (reader, answers, logger) => new LiveLines({ reader, answers, clock: systemClock, logger }),
    ),
    provideLifecycle(
      { name: 'indexer', role: 'worker' },
      [QUIET_DATABASE, HEALTH, GROUP_WATCHES, LOGGER],
      (database, health, groups, logger) => {
        const indexer = createIndexer({
          ...brokersOf(config),
          instance: config.instance,
          database,
          retentionMs: days(config.retentionDays),
          linesPerSecondMax: config.linesPerSecondMax,
          clock: systemClock,
          logger,
        });
        groups.watchLag(indexGroup, () => indexer.lag.ofGroup(indexGroup));
        health.add('indexer', () => ({
          healthy: indexer.failure === undefined,
          ...(indexer.failure && { details: { reason: indexer.failure.message } }),
        }));
        return indexer;
      },
    ),
    ...(config.folder === undefined ? [] : [shipperOf(config, config.folder)]),
  ],
});

const brokersOf = ({ bootstrapServers, security }: LogsConfig) => ({ bootstrapServers, security });

const shipperOf = (config: LogsConfig, folder: string) =>
  provideLifecycle({ name: 'shipper', role: 'worker' }, [LOGGER], (logger) => {
    const producer = connectProducer({
      ...lineBatches,
      ...brokersOf(config),
      clientId: 'millrace-log-shipper',
      logger,
    });
    const { stateDir } = config;
    const shipper = createShipper({ folder, stateDir, producer, clock: systemClock, logger });
    return {
      start: () => shipper.start(),
      async stop() {
        await shipper.stop();
        await producer.close();
      },
    };
  });
