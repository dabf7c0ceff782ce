import { join } from 'node:path';
import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { HEALTH } from '@millrace/service-chassis/app';
import { alive, LiveAnswers, liveAnswers } from '@millrace/service-chassis/http';
import {
  chassisMigrations,
  DATABASE,
  DatabaseModule,
  LOGGER,
  provide,
  provideLifecycle,
} from '@millrace/service-chassis/service';
import { StreamsModule } from '@millrace/service-chassis/streams';
import { connectLagReader } from '@millrace/streaming-core/client';
import { streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { systemClock } from '@millrace/streaming-core/runtime';
import { seconds } from '@millrace/streams';
import type { DashboardConfig } from './config.ts';
import { FIGURE_AGE, FigureAge } from './figure-age.ts';
import { LIVE_MINUTES, LiveMinutes } from './http/live-minutes.ts';
import { MINUTE_TABLE, PageViewsController } from './http/page-views.controller.ts';
import { createMinuteSink, type MinuteStore } from './sinks/minute-sink.ts';
import { minuteTable, sinkGroup, type MinuteTable } from './sinks/postgres-minutes.ts';
import { redisMinutes, redisSinkGroup } from './sinks/redis-minutes.ts';
import { applicationId, topics, topology } from './topology.ts';

/** The migrations of its database, in the order in which the setup step applies them. */
export const migrations = [
  { library: 'streaming-core', folder: streamingCoreMigrations },
  chassisMigrations,
  { library: 'dashboard', folder: join(import.meta.dirname, '../src/migrations') },
];

@Module({})
class DashboardModule {}

export const dashboardModule = (config: DashboardConfig): DynamicModule => ({
  module: DashboardModule,
  imports: [
    DatabaseModule.forRoot({ url: config.databaseUrl, poolSize: config.databasePoolSize, migrations }),
    StreamsModule.forRoot(topology(config), {
      applicationId,
      stateDir: config.stateDir,
      guarantee: 'exactly_once_v2',
      onDeserializationError: { deadLetter: topics.refused },
      sinkGroups: [sinkGroup, ...(config.redisUrl === undefined ? [] : [redisSinkGroup])],
      sessionTimeoutMs: seconds(10), // how long the others wait for a process that was killed
    }),
  ],
  controllers: [PageViewsController],
  providers: [
    ...liveAnswers({ limits: config, heartbeat: alive }),
    provide(MINUTE_TABLE, [DATABASE], minuteTable),
    provide(FIGURE_AGE, [LOGGER], (logger) => {
      const { bootstrapServers, security } = config;
      const lags = connectLagReader({ bootstrapServers, security, clientId: 'millrace-dashboard-age' });
      return new FigureAge({ lags, logger, clock: systemClock });
    }),
    provideLifecycle({ name: 'age of the figures', role: 'api' }, [FIGURE_AGE, HEALTH], (age, health) => {
      health.add('figures', () => ({
        healthy: true,
        degraded: age.stale !== null,
        ...(age.stale && { details: age.stale }),
      }));
      return { start: () => age.start(), stop: () => age.stop() };
    }),
    provide(
      LIVE_MINUTES,
      [MINUTE_TABLE, LiveAnswers, FIGURE_AGE, LOGGER],
      (table, answers, age, logger) => new LiveMinutes({ table, answers, age, logger, clock: systemClock }),
    ),
    sinkTo('the database', config, { groupId: sinkGroup, storeOf: (table) => table }),
    ...(config.redisUrl === undefined ? [] : [redisSink(config, config.redisUrl)]),
  ],
});

interface Target {
  readonly groupId: string;
  readonly storeOf: (table: MinuteTable) => MinuteStore;
}

/** Writes what the topology has counted to a store, with a consumer of its own. */
const sinkTo = (storeName: string, config: DashboardConfig, { groupId, storeOf }: Target): Provider =>
  provideLifecycle(
    { name: `sink to ${storeName}`, role: 'worker' },
    [MINUTE_TABLE, LIVE_MINUTES, HEALTH, LOGGER],
    (table, live, health, logger) => {
      const { bootstrapServers, security } = config;
      const sink = createMinuteSink({
        bootstrapServers,
        security,
        groupId,
        store: storeOf(table),
        storeName,
        onWritten: () => live.written(),
        clock: systemClock,
        logger,
      });
      health.add(`sink to ${storeName}`, () => ({
        healthy: sink.failure === undefined,
        ...(sink.failure && { details: { reason: sink.failure.message } }),
      }));
      return sink;
    },
  );

const redisSink = (config: DashboardConfig, url: string): Provider =>
  sinkTo('Redis', config, { groupId: redisSinkGroup, storeOf: () => redisMinutes(url) });
