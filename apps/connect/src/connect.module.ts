import { Module, type DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { adjustableLogger, sinkGroup, type LogLevels } from '@millrace/connect';
import {
  GROUP_WATCHES,
  HEALTH,
  LOG_CLIENT,
  LOGGER,
  METRICS,
  provide,
  provideClosing,
  provideLifecycle,
  token,
  WATCHER,
} from '@millrace/service-chassis/service';
import { connectLagReader, type ConnectionOptions, type LagReader } from '@millrace/streaming-core/client';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { ConnectAppConfig } from './config.ts';
import { showTasks } from './connect-metrics.ts';
import { failureWatch, keptLogWatch } from './connect-watches.ts';
import { plugins } from './connectors.ts';
import { serveRest } from './rest-routes.ts';
import { RunningWorker } from './running-worker.ts';

const LOG = token<{ readonly logger: Logger; readonly levels: LogLevels }>('log of the worker');
const RUNNING = token<RunningWorker>('RunningWorker');
const LAG = token<LagReader>('lag of the sinks');

@Module({})
class ConnectModule {}

/**
 * Runs a Connect worker. The process listens first, because the worker joins its group with the
 * address.
 */
export const connectModule = (config: ConnectAppConfig): DynamicModule => ({
  module: ConnectModule,
  providers: [
    provide(LOG, [LOGGER], (logger) => adjustableLogger(logger, systemClock)),
    provide(RUNNING, [LOG_CLIENT, LOG], ({ name }, { logger }) => {
      const connection = connectionOf(config, `millrace-${name}`, logger);
      return new RunningWorker({ config, connection, plugins, logger });
    }),
    provide(LAG, [LOG_CLIENT, LOG], ({ name }, { logger }) =>
      connectLagReader(connectionOf(config, `millrace-${name}-lag`, logger)),
    ),
    provideClosing(LAG, (reader) => reader.close()),
    provide(
      token<void>('routes'),
      [RUNNING, LOG, HttpAdapterHost],
      (running, { logger, levels }, { httpAdapter }) =>
        serveRest(httpAdapter.getInstance<FastifyInstance>(), { running, levels, logger }),
    ),
    provideLifecycle(
      { name: 'Connect worker' },
      [RUNNING, HttpAdapterHost, HEALTH, METRICS, WATCHER, GROUP_WATCHES, LAG],
      (running, { httpAdapter }, health, { registry }, watcher, watches, lag) => {
        health.add('connect', () => running.health);
        showTasks(registry, running);
        watcher.add(failureWatch(running));
        watcher.add(keptLogWatch(registry, running));
        watches.watchLags('lag of sinks', () => sinkLags(running, lag));
        return {
          start: () => running.start(config.advertisedUrl ?? urlOf(httpAdapter.getHttpServer(), config)),
          stop: () => running.stop(),
        };
      },
    ),
  ],
});

/** Returns the lag of each sink that has a task in this worker. */
async function sinkLags(running: RunningWorker, lag: LagReader) {
  const sinks = (running.worker?.tasks ?? []).filter(({ measures }) => measures.has('sink_records'));
  const groups = [...new Set(sinks.map(({ connector }) => sinkGroup(connector)))];
  return new Map(await Promise.all(groups.map(async (group) => [group, await lag.ofGroup(group)] as const)));
}

const connectionOf = (
  { bootstrapServers, security }: ConnectAppConfig,
  clientId: string,
  logger: Logger,
): ConnectionOptions => ({ bootstrapServers, security, clientId, logger });

function urlOf(server: { address(): AddressInfo }, { host }: ConnectAppConfig): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name === '0.0.0.0' ? '127.0.0.1' : name}:${server.address().port}`;
}
