import { Module, type DynamicModule } from '@nestjs/common';
import { connectStreams, type StreamsOptions, type Topology } from '@millrace/streams';
import { systemClock } from '@millrace/streaming-core/runtime';
import { SERVICE } from '../../ground/config/service.ts';
import { provide } from '../../ground/provide.ts';
import { HEALTH } from '../../observability/health/health.ts';
import { LIFECYCLE, provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { METRICS } from '../../observability/metrics/metrics.ts';
import { streamStore, streamsApp } from './stream-tokens.ts';
import { streamsHealth } from './streams-health.ts';
import { createStreamsMetrics, STREAMS_METRICS } from './streams-metrics.ts';

/** The brokers, their security, the log and the clock are those of the service. */
export type StreamsModuleOptions = Omit<StreamsOptions, 'bootstrapServers' | 'security' | 'logger' | 'clock'>;

/** One set of metrics for all applications of a service. */
@Module({
  providers: [
    provide(STREAMS_METRICS, [METRICS, LIFECYCLE], ({ registry }, lifecycle) => {
      const metrics = createStreamsMetrics(registry);
      lifecycle.add({ name: 'stream metrics', start: () => undefined, stop: metrics.stop });
      return metrics;
    }),
  ],
  exports: [STREAMS_METRICS],
})
class StreamsMetricsModule {}

/**
 * Runs a topology in the processes with the role `worker`: it starts with the service, which is
 * ready once every task runs, and closes before the service ends. A service may have several, each
 * with an application id of its own. Provides everywhere, by `streamsApp(id)`, the application, and
 * by `streamStore(id, name)` its stores for queries.
 */
@Module({})
export class StreamsModule {
  static forRoot(topology: Topology, options: StreamsModuleOptions): DynamicModule {
    const { applicationId } = options;
    const app = streamsApp(applicationId);
    const storeNames = queriedStores(topology);
    return {
      module: StreamsModule,
      global: true,
      imports: [StreamsMetricsModule],
      providers: [
        provide(app, [SERVICE, LOGGER], ({ name, config }, logger) =>
          connectStreams(topology, {
            clientId: `millrace-${name}`,
            ...options,
            bootstrapServers: config.bootstrapServers,
            security: config.security,
            logger,
            clock: systemClock,
          }),
        ),
        provideLifecycle(
          { name: `stream application ${applicationId}`, role: 'worker' },
          [app, HEALTH, STREAMS_METRICS],
          (running, health, metrics) => {
            metrics.observe(applicationId);
            const remainingRecords = () => metrics.remainingRecords(applicationId);
            health.add(
              `streams ${applicationId}`,
              streamsHealth({ app: running, clock: systemClock, remainingRecords }),
            );
            return { start: () => running.start(), stop: () => running.close() };
          },
        ),
        ...storeNames.map((name) =>
          provide(streamStore(applicationId, name), [app], (running) => running.store(name)),
        ),
      ],
      exports: [app, ...storeNames.map((name) => streamStore(applicationId, name))],
    };
  }
}

/** A buffer of `suppress` cannot be queried. */
const queriedStores = ({ subTopologies }: Topology): readonly string[] =>
  subTopologies
    .flatMap(({ stores }) => stores)
    .filter(({ kind }) => kind !== 'suppress_buffer')
    .map(({ name }) => name);
