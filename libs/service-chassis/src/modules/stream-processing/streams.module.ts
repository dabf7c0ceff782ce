import { Module, type DynamicModule } from '@nestjs/common';
import { connectStreams, type StreamsOptions, type Topology, type StreamsApp } from '@millrace/streams';
import { systemClock, minutes, type Clock } from '@millrace/streaming-core/runtime';
import { connectLagReader, type LagReader } from '@millrace/streaming-core/client';
import { LOG_CLIENT } from '../../ground/config/log-client-config.ts';
import { provide, provideClosing, token, type Token } from '../../ground/provide.ts';
import { HEALTH, type CheckResult } from '../../observability/health/health.ts';
import { LIFECYCLE, provideLifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { METRICS } from '../../observability/metrics/metrics.ts';
import { GROUP_WATCHES } from '../../observability/watch/group-watches.ts';
import { WATCHER } from '../../observability/watch/watcher.ts';
import { applicationsWatch, notRunningTime, OPERATED_APPLICATIONS } from './operated-applications.ts';
import { createStreamsMetrics, STREAMS_METRICS } from './streams-metrics.ts';

/** Reads how far the applications of the process are behind. */
const STREAMS_LAG = token<LagReader>('StreamsLag');

const shared = <Part>(name: string) => Symbol.for(name) as unknown as Token<Part>;

/** The token under which `StreamsModule` provides the `StreamsApp` of this id. */
export const streamsApp = (applicationId: string): Token<StreamsApp> =>
  shared(`millrace stream application ${applicationId}`);

/**
 * The token under which `StreamsModule` provides a store, such as a `ReadOnlyKeyValueStore`, to be
 * read as of the last commit. It has the keys of this process's tasks only. Its reads throw
 * `not_running` while the tasks do not run, as always in a process without the role `worker`.
 */
export const streamStore = (applicationId: string, storeName: string): Token<unknown> =>
  shared(`millrace store ${storeName} of stream application ${applicationId}`);

interface StreamsHealthParts {
  readonly app: Pick<StreamsApp, 'state' | 'failure' | 'onStateChange'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** How many records the tasks have yet to restore. */
  readonly remainingRecords: () => number;
}

/** Most rebalances take a moment, during which the tasks of the process are up to date. */
const readyRebalanceMsMax = minutes(1);

/**
 * Reports on `/readyz` the progress of a restoration, the duration of a rebalance, and the reason
 * of a failure. A process is ready while it runs, and in the first minute of a rebalance.
 */
export function streamsHealth({ app, clock, remainingRecords }: StreamsHealthParts): () => CheckResult {
  let changedAtMs = clock.monotonic();
  app.onStateChange(() => (changedAtMs = clock.monotonic()));
  return () => {
    const { state, failure } = app;
    const isRebalancing = state === 'rebalancing';
    const rebalancingMs = clock.monotonic() - changedAtMs;
    const details = {
      state,
      ...(isRebalancing && { rebalancingMs: Math.round(rebalancingMs) }),
      ...(state === 'restoring' && { remainingRecords: remainingRecords() }),
      ...(failure !== undefined && { reason: failure.message }),
    };
    return {
      healthy: state === 'running' || (isRebalancing && rebalancingMs <= readyRebalanceMsMax),
      details,
    };
  };
}

/** The brokers, their security, the log and the clock are those of the app. */
export interface StreamsModuleOptions extends Omit<
  StreamsOptions,
  'bootstrapServers' | 'security' | 'logger' | 'clock'
> {
  /** Groups with which the app reads what the topology writes. Their lag is watched too. */
  readonly sinkGroups?: readonly string[];
}

/** Provides the metrics, the list and the watches that all applications of a service share. */
@Module({
  providers: [
    provide(OPERATED_APPLICATIONS, [], () => []),
    provide(STREAMS_METRICS, [METRICS, LIFECYCLE], ({ registry }, lifecycle) => {
      const metrics = createStreamsMetrics(registry);
      lifecycle.add({ name: 'stream metrics', start: () => undefined, stop: metrics.stop });
      return metrics;
    }),
    provide(STREAMS_LAG, [LOG_CLIENT], ({ name, config: { bootstrapServers, security } }) =>
      connectLagReader({ clientId: `millrace-${name}-lag`, bootstrapServers, security }),
    ),
    provideClosing(STREAMS_LAG, (reader) => reader.close()),
    provide(
      token<void>('watch of stream applications'),
      [WATCHER, METRICS, OPERATED_APPLICATIONS],
      (watcher, { registry }, applications) => watcher.add(applicationsWatch(registry, applications)),
    ),
  ],
  exports: [STREAMS_METRICS, STREAMS_LAG, OPERATED_APPLICATIONS],
})
class StreamApplicationsModule {}

/**
 * Runs a topology in the processes with the role `worker`: it starts with the service, which is
 * ready once every task runs, and closes before the service ends. A service may have several, each
 * with an application id of its own. Provides everywhere, by `streamsApp(id)`, the application, and
 * by `streamStore(id, name)` its stores for queries.
 */
@Module({})
export class StreamsModule {
  static forRoot(topology: Topology, { sinkGroups = [], ...options }: StreamsModuleOptions): DynamicModule {
    const { applicationId } = options;
    const app = streamsApp(applicationId);
    const storeNames = queriedStores(topology);
    return {
      module: StreamsModule,
      global: true,
      imports: [StreamApplicationsModule],
      providers: [
        provide(app, [LOG_CLIENT, LOGGER], ({ name, config }, logger) =>
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
          [app, HEALTH, STREAMS_METRICS, OPERATED_APPLICATIONS, GROUP_WATCHES, STREAMS_LAG],
          (running, health, metrics, applications, groups, lag) => {
            metrics.observe(applicationId);
            const remainingRecords = () => metrics.remainingRecords(applicationId);
            const notRunningMs = notRunningTime(running, systemClock);
            applications.push({ applicationId, topology, app: running, notRunningMs, remainingRecords });
            const isRead = readTopics(topology, applicationId);
            groups.watchLag(applicationId, async () =>
              (await lag.ofGroup(applicationId)).filter(({ topic }) => isRead.has(topic)),
            );
            for (const group of sinkGroups) groups.watchLag(group, () => lag.ofGroup(group));
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

/** Returns the topics of the sources. The group may still have offsets of topics that an earlier release read. */
const readTopics = (topology: Topology, applicationId: string): ReadonlySet<string> =>
  new Set(
    topology.subTopologies
      .flatMap(({ nodes }) => nodes)
      .flatMap((node) => (node.kind === 'source' ? node.topics : []))
      .map((topic) => topology.topicName(topic, applicationId)),
  );
