import type { StoreSpec, StreamsApp, Topology } from '@millrace/streams';
import type { ApplicationNode, ApplicationView } from '@millrace/operations/contract';
import type { Clock } from '@millrace/streaming-core/runtime';
import type { AlarmName, AlarmReading } from '@millrace/operations/alarms';
import type { Registry } from 'prom-client';
import { token } from '../../ground/provide.ts';
import { figureGauge } from '../../observability/metrics/metrics.ts';
import type { Watch } from '../../observability/watch/watcher.ts';

/** A stream application of this process, as operators see it. */
export interface OperatedApplication {
  readonly applicationId: string;
  readonly topology: Topology;
  readonly app: StreamsApp;
  /** For how long the application has not been running; 0 while it is. */
  notRunningMs(): number;
  /** How many records the tasks have yet to restore. */
  remainingRecords(): number;
}

/** The stream applications that run in this process. Each adds itself before the first request. */
export const OPERATED_APPLICATIONS = token<OperatedApplication[]>('OperatedApplications');

/** Measures for how long an application has not been running. A stop on purpose does not count. */
export function notRunningTime(
  app: Pick<StreamsApp, 'state' | 'onStateChange'>,
  clock: Pick<Clock, 'monotonic'>,
): () => number {
  let leftAtMs = clock.monotonic();
  app.onStateChange((_state, before) => {
    if (before === 'running') leftAtMs = clock.monotonic();
  });
  return () =>
    ['running', 'closing', 'closed'].includes(app.state) ? 0 : Math.round(clock.monotonic() - leftAtMs);
}

/** Watches whether each application runs. Prometheus reads the same figures. */
export function applicationsWatch(registry: Registry, applications: readonly OperatedApplication[]): Watch {
  const figures = (valueOf: (application: OperatedApplication) => number) => () =>
    applications.map((each) => ({ labels: { application: each.applicationId }, value: valueOf(each) }));
  const failed = figures(({ app }) => (app.state === 'failed' ? 1 : 0));
  const notRunning = figures(({ notRunningMs }) => notRunningMs() / 1_000);
  const labels = ['application'] as const;
  figureGauge(registry, {
    name: 'millrace_streams_failed',
    help: '1 if an error has ended the application in this process, else 0, by application',
    labels,
    figures: failed,
  });
  figureGauge(registry, {
    name: 'millrace_streams_not_running_seconds',
    help: 'For how long the application has not been running in this process, by application; 0 while it runs',
    labels,
    figures: notRunning,
  });
  const readings = (alarm: AlarmName, found: ReturnType<typeof failed>) =>
    found.map(({ labels: place, value }): AlarmReading => ({ alarm, place, value }));
  return {
    name: 'stream applications',
    look: () => [...readings('streams_failed', failed()), ...readings('streams_not_running', notRunning())],
  };
}

export function applicationView(operated: OperatedApplication): ApplicationView {
  const { applicationId, topology, app } = operated;
  const { subTopologies, globalStores } = topology;
  const named = (topic: string) => topology.topicName(topic, applicationId);
  const nodesOf = (nodes: readonly TopologyNode[]) => nodes.map((node) => nodeView(node, named));
  const topicOf = ({ name }: StoreSpec) => topology.storeTopic(name, applicationId);
  return {
    application: applicationId,
    state: app.state,
    notRunningSeconds: operated.notRunningMs() / 1_000,
    failure: app.failure?.message ?? null,
    remainingRecords: operated.remainingRecords(),
    subTopologies: [
      ...subTopologies.map(({ id, nodes }) => ({ id, isGlobal: false, nodes: nodesOf(nodes) })),
      ...globalStores.map(({ id, source, processor }) => ({
        id,
        isGlobal: true,
        nodes: nodesOf([source, processor]),
      })),
    ],
    stores: [
      ...subTopologies
        .flatMap(({ stores }) => stores)
        .map((store) => storeView(store, store.logConfigs === undefined ? null : topicOf(store))),
      ...globalStores.map(({ store }) => storeView(store, topicOf(store))),
    ],
    tasks: app.tasks().map(({ storeBytes, streamTimeMs, partitions, ...task }) => ({
      ...task,
      partitions: partitions.map(({ topic, partition }) => `${topic}/${partition}`),
      storeBytes: storeBytes ?? null,
      streamTime: streamTimeMs === undefined ? null : new Date(streamTimeMs).toISOString(),
    })),
  };
}

const storeView = ({ name, kind }: StoreSpec, topic: string | null) => ({ name, kind, topic });

type TopologyNode = Topology['subTopologies'][number]['nodes'][number];

function nodeView(node: TopologyNode, named: (topic: string) => string): ApplicationNode {
  const { name, kind } = node;
  switch (node.kind) {
    case 'source':
      return { name, kind, topics: node.topics.map(named), stores: [], parents: [] };
    case 'processor':
      return { name, kind, topics: [], stores: [...node.storeNames], parents: [...node.parents] };
    case 'sink': {
      const topics = node.topic === undefined ? [] : [named(node.topic)];
      return { name, kind, topics, stores: [], parents: [...node.parents] };
    }
  }
}
