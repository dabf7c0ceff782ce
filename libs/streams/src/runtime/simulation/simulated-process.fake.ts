import type { Assignment } from '@millrace/streaming-core/client';
import { silentLogger, type Clock } from '@millrace/streaming-core/runtime';
import type { TaskPlan } from '../../assignment/tasks.ts';
import { AppState } from '../app-state.ts';
import { RepartitionPurge } from '../repartition-purge.ts';
import { RestartBudget } from '../recovery.ts';
import { isolationsOf } from '../stream-clients.ts';
import { StreamLoop } from '../stream-loop.ts';
import { streamsSettings } from '../streams-settings.ts';
import { TaskSet } from '../task-set.ts';
import { TransactionalOutput } from '../output.ts';
import type { Choices } from './choices.fake.ts';
import type { DurableState } from './durable-state.fake.ts';
import { Network } from './network.fake.ts';
import { SimulatedProducer } from './simulated-producer.fake.ts';
import { SimulatedReader } from './simulated-reader.fake.ts';
import { simulatedTopology } from './simulated-topology.fake.ts';
import type { TransactionalLog } from './transactional-log.fake.ts';

export const applicationId = 'app';

interface SimulatedProcessParts {
  readonly name: string;
  readonly memberId: string;
  readonly log: TransactionalLog;
  readonly clock: Clock & { pass(spanMs: number): void };
  readonly choices: Choices;
  readonly state: DurableState;
  readonly cacheBytesMax: number;
  readonly keepsInMemory: boolean;
  readonly onRejoin: (process: SimulatedProcess) => void;
  readonly onFailed: (error: Error) => void;
}

const slowRecordMs = 10;

/** The loop and the tasks of one process, over a simulated log. */
export class SimulatedProcess {
  readonly name: string;
  readonly memberId: string;
  readonly network: Network;
  readonly #loop: StreamLoop;
  readonly #tasks: TaskSet;

  constructor(parts: SimulatedProcessParts) {
    const { name, log, choices, state } = parts;
    this.name = name;
    this.memberId = parts.memberId;
    const network = new Network(parts.clock, choices);
    this.network = network;
    const clock: Clock = {
      now: () => parts.clock.now(),
      monotonic() {
        if (network.isDead) throw new Error('the process is dead');
        return parts.clock.monotonic();
      },
      after: (spanMs, work) => parts.clock.after(spanMs, work),
    };
    const settings = streamsSettings({
      applicationId,
      bootstrapServers: ['nowhere:1'],
      stateDir: 'nowhere',
      guarantee: 'exactly_once_v2',
      clock,
      commitIntervalMs: 1 + choices.below(40),
      bufferedRecordsMax: 1 + choices.below(8),
      restoreBatchRecordsMax: 1 + choices.below(8),
      sliceRecordsMax: 1 + choices.below(8),
      repartitionPurgeIntervalMs: 20,
      maxTaskIdleMs: 0,
      cacheBytesMax: parts.cacheBytesMax,
      onUncaughtError: () => 'replace',
    });
    const reader = (isolation: 'read_committed' | 'read_uncommitted') =>
      new SimulatedReader({ log, network, clock: parts.clock, choices, isolation });
    const output = new TransactionalOutput({
      groupId: applicationId,
      logger: silentLogger,
      connect: () => new SimulatedProducer(log, network, `${applicationId}-${name}-1`),
    });
    this.#tasks = new TaskSet({
      topology: simulatedTopology({
        onRecord() {
          if (choices.happens(3)) throw new TypeError('a node has failed');
          if (choices.happens(150)) parts.clock.pass(slowRecordMs);
        },
        keepsInMemory: parts.keepsInMemory,
      }),
      settings,
      output,
      partitionCount: (topic) => log.partitionCount(topic),
      globalStore: () => undefined,
      openEngine: (taskName) => state.open(taskName, network),
    });
    const isolations = isolationsOf('exactly_once_v2');
    this.#loop = new StreamLoop({
      settings,
      clients: {
        member: { rejoin: async () => parts.onRejoin(this) },
        admin: {
          groups: {
            offsets: (_group, query) => network.call(() => log.stableOffsets(query?.partitions ?? [])),
          },
        },
        sources: reader(isolations.sources),
        changelogs: reader(isolations.changelogs),
        ends: reader('read_uncommitted'),
        output,
      },
      tasks: this.#tasks,
      state: new AppState(),
      budget: new RestartBudget(clock),
      expect: async (plans) => new Map(plans.map(({ name: task }) => [task, anyState])),
      purge: new RepartitionPurge({
        records: {
          delete: (before) =>
            network.call(() => {
              for (const place of before) log.partition(place).deleteBefore(place.offset);
              return [];
            }),
        },
        repartitionTopics: new Set([`${applicationId}-counts-repartition`]),
        clock,
        logger: silentLogger,
        intervalMs: settings.repartitionPurgeIntervalMs,
      }),
      resetOf: () => 'earliest',
      onRunning: () => undefined,
      onFailed(error) {
        if (!network.isDead) parts.onFailed(error);
      },
    });
  }

  begin(assignment: Assignment, plans: readonly TaskPlan[]): void {
    this.#tasks.retain(plans);
    this.#loop.begin({ ...assignment, plans });
  }

  /** Resolves even if the process dies in the meantime. */
  async revoke(): Promise<void> {
    await Promise.race([this.#loop.revoke(), this.network.death]);
  }

  async lose(): Promise<void> {
    await Promise.race([this.#loop.lose(), this.network.death]);
  }
}

const anyState = { clusterId: 'cluster', bootId: 'boot', nowMs: 0, changelogs: new Map() };
