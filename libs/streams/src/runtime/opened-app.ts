import { join } from 'node:path';
import { connectAdmin, type Admin, type Assignment } from '@millrace/streaming-core/client';
import { internalTopicsOf, ensureInternalTopics } from '../assignment/internal-topics.ts';
import { partitionCountsOf } from '../assignment/partition-counts.ts';
import {
  applicationTopicsOf,
  type ApplicationTopics,
  type PartitionCounts,
} from '../assignment/application-topics.ts';
import { streamsAssignor, type StreamsAssignment } from '../assignment/streams-assignor.ts';
import type { TaskCopy } from '../assignment/task-copies.ts';
import { tasksOf, type TaskPlan } from '../assignment/tasks.ts';
import { readBootId } from '../state/sqlite/open-state-file.ts';
import { StoreCache } from '../state/store-cache.ts';
import type { Topology } from '../topology/topology.ts';
import type { OffsetReset } from '../topology/topology-spec.ts';
import type { AppState } from './app-state.ts';
import { waitForBroker } from './broker-wait.ts';
import { CaughtUpState } from './caught-up-state.ts';
import { GlobalTables } from './global-tables.ts';
import { RepartitionPurge } from './repartition-purge.ts';
import { RestartBudget } from './recovery.ts';
import { StandbyTasks } from './standby-tasks.ts';
import { connectClients, placeOf } from './stream-clients.ts';
import { StreamLoop } from './stream-loop.ts';
import { StreamsError } from './streams-error.ts';
import type { StreamsSettings } from './streams-options.ts';
import { TaskSet, warnDamaged } from './task-set.ts';
import { expectedStates, openTaskState, dormantCopies } from './task-state.ts';

interface OpenedAppParts {
  readonly topology: Topology;
  readonly settings: StreamsSettings;
  readonly processId: string;
  /** The folder of the tasks' state. */
  readonly folder: string;
  readonly newUuid: () => string;
  readonly state: AppState;
  /** Aborts when the application is closed, which ends its opening. */
  readonly closing: AbortSignal;
  readonly onRunning: () => void;
  readonly onFailed: (error: Error) => void;
}

/** The parts of an application between `start` and `close`. */
export interface OpenedApp {
  readonly tasks: TaskSet;
  /** The copies of tasks that other processes run. */
  readonly standbys: Pick<StandbyTasks, 'copies'>;
  readonly loop: StreamLoop;
  /** Joins the group, and resolves at the first assignment. */
  join(): Promise<void>;
  /** Commits, leaves the group and closes the files. */
  close(): Promise<void>;
}

/** Waits for a broker, creates the internal topics and connects. */
export async function openApp(parts: OpenedAppParts): Promise<OpenedApp> {
  const { topology, settings, processId, state } = parts;
  const { applicationId, logger, clock } = settings;
  let hasRun = false;
  let isResting = false;
  const topics = applicationTopicsOf(topology, applicationId);
  const { inputs, counts } = await prepareTopics(topics, settings, parts.closing);
  const bootId = readBootId(parts.newUuid);
  const startedAtMs = clock.now();
  let dormant: ReadonlyMap<string, TaskCopy> = new Map();
  let own: StreamsAssignment = { active: [], standby: [], probe: false };
  const clients = connectClients({
    settings,
    processId,
    topics: [...counts.keys()],
    assignor: streamsAssignor(topics, assignmentRules(settings), {
      prepare: (agreed) => createInternalTopics(clients.admin, topics, agreed, settings),
      endOffsets: (partitions) => clients.ends.endOffsets(partitions),
      member: () => ({
        processId,
        startedAtMs,
        copies: new Map([...dormant, ...standbys.copies, ...tasks.copies]),
      }),
      onAssigned(assignment) {
        own = assignment;
        dormant = new Map();
      },
      onRefused: parts.onFailed,
    }),
  });
  const cache = new StoreCache({ bytesMax: settings.cacheBytesMax });
  const { onFailed } = parts;
  const globals = new GlobalTables({ topology, settings, reader: clients.globals, cache, onFailed });
  const tasks = new TaskSet({
    topology,
    settings,
    output: clients.output,
    partitionCount: (topic) => counts.get(topic) ?? inputs.get(topic) ?? unknownTopic(topic),
    globalStore: (name) => globals.store(name),
    openEngine: (name, expected) => openTaskState(join(parts.folder, name), expected, settings),
  });
  const expect = (plans: readonly TaskPlan[]) =>
    expectedStates(plans, { ends: clients.ends, clock, bootId, knownTopic: [...counts.keys()][0]! });
  const standbys = new StandbyTasks({
    reader: clients.standbys,
    clock,
    expect,
    open: (plan, expected) => tasks.openStandby(plan, expected),
    onDamaged: (task, error) => warnDamaged(settings, task, error),
    onError: (error) =>
      logger.warn({ err: error }, 'standby tasks are not followed until the next assignment'),
  });
  const caughtUp = new CaughtUpState({
    reader: clients.changelogs,
    ends: clients.ends,
    clock,
    logger,
    tasks: () => (state.current === 'running' || isResting ? tasks.all : []),
  });
  const loop = new StreamLoop({
    settings,
    clients,
    tasks,
    state,
    budget: new RestartBudget(clock),
    purge: new RepartitionPurge({
      records: clients.admin.records,
      repartitionTopics: new Set(topics.repartitions.keys()),
      clock,
      logger,
      intervalMs: settings.repartitionPurgeIntervalMs,
    }),
    expect,
    resetOf: resetsOf(topology, settings),
    onRunning() {
      hasRun = true;
      parts.onRunning();
    },
    onFailed: parts.onFailed,
  });
  let stopProbe = () => {};
  const rest = async (end: () => Promise<void>) => {
    stopProbe();
    await Promise.all([end(), standbys.end()]);
    state.change('rebalancing');
  };
  const listener = {
    onAssigned: async (assignment: Assignment) => {
      tasks.retain(own.active);
      loop.begin({ ...assignment, plans: own.active });
      standbys.begin(own.standby);
      if (own.probe)
        stopProbe = clock.after(settings.probingIntervalMs, () => void clients.member.rebalance());
    },
    onRevoked: () => rest(() => loop.revoke()),
    onLost: () => rest(() => loop.lose()),
    onStopped: parts.onFailed,
  };
  return {
    tasks,
    standbys,
    loop,
    async join() {
      caughtUp.start();
      await globals.start();
      dormant = await dormantCopies(parts.folder, tasksOf(topics, counts), (places) =>
        clients.ends.endOffsets(places),
      );
      await clients.member.start(listener);
    },
    async close() {
      stopProbe();
      caughtUp.stop();
      const resting = Promise.all([loop.revoke(), standbys.end()]);
      // Without work to commit, there is nothing to wait for.
      if (!hasRun) await clients.close();
      await resting;
      isResting = hasRun;
      await caughtUp.keep();
      await clients.member.close();
      await globals.close();
      tasks.close();
      await clients.close();
    },
  };
}

/** Kafka Streams' `max.warmup.replicas` and `acceptable.recovery.lag`. */
const assignmentRules = ({ standbyReplicas }: StreamsSettings) => ({
  standbyReplicas,
  warmupsMax: 2,
  acceptableLagRecords: 10_000,
});

/**
 * Creates the internal topics, and returns the partition counts of all topics that the application
 * reads and writes.
 */
async function prepareTopics(
  topics: ApplicationTopics,
  settings: StreamsSettings,
  closing: AbortSignal,
): Promise<{ readonly inputs: PartitionCounts; readonly counts: PartitionCounts }> {
  await using admin = connectAdmin(placeOf(settings));
  await waitForBroker(admin, settings, closing);
  const named = topics.subTopologies.flatMap(({ sources, sinks }) => sources.concat(sinks));
  const external = named.filter((topic) => !topics.repartitions.has(topic));
  const found = await admin.describeTopics([...new Set(external)]);
  const inputs = new Map([...found].map(([topic, { partitions }]) => [topic, partitions]));
  const counts = partitionCountsOf(topics, inputs);
  await createInternalTopics(admin, topics, counts, settings);
  return { inputs, counts };
}

const createInternalTopics = (
  admin: Admin,
  topics: ApplicationTopics,
  counts: PartitionCounts,
  { replicationFactor, clock }: StreamsSettings,
): Promise<void> => ensureInternalTopics(admin, internalTopicsOf(topics, counts, replicationFactor), clock);

function unknownTopic(topic: string): never {
  throw new StreamsError(
    'record_failed',
    `the partitions of the topic ${topic} are unknown, so no partitioner can choose one: ` +
      'create the topic before the application starts',
  );
}

/**
 * Returns where to begin in each topic without a committed offset. Repartition topics begin at the
 * earliest record, whatever the settings say, so that no record is missed.
 */
function resetsOf(topology: Topology, settings: StreamsSettings): (topic: string) => OffsetReset {
  const resets = new Map<string, OffsetReset>();
  const isBatch = settings.endOffsets.size > 0;
  for (const node of topology.subTopologies.flatMap(({ nodes }) => nodes))
    if (node.kind === 'source')
      for (const topic of node.topics)
        resets.set(topic, isBatch ? 'earliest' : (node.offsetReset ?? settings.autoOffsetReset));
  for (const { name } of topology.repartitionTopics)
    resets.set(topology.topicName(name, settings.applicationId), 'earliest');
  return (topic) => resets.get(topic) ?? settings.autoOffsetReset;
}
