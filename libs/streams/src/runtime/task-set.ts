import type { TaskCopy } from '../assignment/task-copies.ts';
import type { TaskPlan } from '../assignment/tasks.ts';
import { openStore } from '../state/open-store.ts';
import { keepsRecentRows } from '../state/open-window-store.ts';
import { isCorruption } from '../state/sqlite/state-failure.ts';
import { StoreCache } from '../state/store-cache.ts';
import type { ExpectedState } from '../state/state-meta.ts';
import type { StoreEngine } from '../state/store-engine.ts';
import { RECENT_BYTES_MAX } from '../state/store-limits.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import type { StateStore } from '../processor/processor.ts';
import type { FailurePolicies } from '../task/node-failure.ts';
import { TopologyTask } from '../task/topology-task.ts';
import { changelogTopic } from '../topology/topology-spec.ts';
import type { Topology } from '../topology/topology.ts';
import { ActiveTask } from './active-task.ts';
import { emitIntervals } from '../processor/node.ts';
import { nextTurn } from './next-turn.ts';
import type { Output } from './output.ts';
import { RecordGuard } from './record-guard.ts';
import { report } from './streams-channels.ts';
import type { StreamsSettings, StoreIsolation } from './streams-options.ts';
import { TaskOutputs } from './task-outputs.ts';
import type { ExpectedStates } from './task-state.ts';

interface TaskSetParts {
  readonly topology: Topology;
  readonly settings: StreamsSettings;
  readonly output: Output;
  readonly partitionCount: (topic: string) => number;
  readonly globalStore: (name: string) => StateStore | undefined;
  /** Opens the state of a task. */
  readonly openEngine: (taskName: string, expected: ExpectedState) => StoreEngine;
}

/** The tasks that this process runs. */
export class TaskSet {
  readonly #parts: TaskSetParts;
  readonly #tasks = new Map<string, ActiveTask>();
  #shares: TaskShares;

  constructor(parts: TaskSetParts) {
    this.#parts = parts;
    this.#shares = this.#sharesOf([]);
  }

  get all(): readonly ActiveTask[] {
    return [...this.#tasks.values()];
  }

  /** The copies of the tasks, as the leader of the group needs them. */
  get copies(): ReadonlyMap<string, TaskCopy> {
    return new Map(this.all.map(({ plan }) => [plan.name, { role: 'active', lagRecords: 0 }]));
  }

  /** Closes the tasks that are not among these, and gives up the open work of the others. */
  retain(plans: readonly TaskPlan[]): void {
    this.#shares = this.#sharesOf(plans);
    for (const [name, task] of this.#tasks)
      if (plans.some((plan) => plan.name === name)) task.giveUp();
      else {
        this.#tasks.delete(name);
        task.close();
      }
  }

  /** Opens the tasks that are not open yet, or whose state does not match the log any more. */
  open(plans: readonly TaskPlan[], expected: ExpectedStates): void {
    this.#shares = this.#sharesOf(plans);
    for (const plan of plans) {
      const kept = this.#tasks.get(plan.name);
      if (kept?.fits(expected.get(plan.name)!)) continue;
      this.#tasks.delete(plan.name);
      kept?.close();
      this.#tasks.set(plan.name, this.openStandby(plan, expected));
    }
  }

  /**
   * Opens the state of a task that does not run. The caller closes it. Stores that read their rows
   * when they are opened may find them damaged; they are then opened without rows.
   */
  openStandby(plan: TaskPlan, expected: ExpectedStates): ActiveTask {
    const state = expected.get(plan.name)!;
    try {
      return this.#open(plan, state);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      warnDamaged(this.#parts.settings, plan.name, error);
      return this.#open(plan, state);
    }
  }

  /**
   * Gives up the tasks whose state this error reports as damaged. Resolves to false if there are
   * none.
   */
  async discardCorrupt(error: unknown): Promise<boolean> {
    let hasDiscarded = false;
    for (const [name, task] of this.#tasks) {
      // The check reads the whole file, which takes half a second per gigabyte or more.
      await nextTurn();
      if (!task.discardIfCorrupt()) continue;
      this.#tasks.delete(name);
      hasDiscarded = true;
      warnDamaged(this.#parts.settings, name, error);
    }
    return hasDiscarded;
  }

  /** Returns the stores of this name for queries, one per task that has it. */
  stores(name: string, isolation: StoreIsolation): readonly StateStore[] {
    const { topology } = this.#parts;
    const having = topology.subTopologies.filter(({ stores }) => stores.some((store) => store.name === name));
    return this.all
      .filter(({ plan }) => having.some(({ id }) => id === plan.id.subTopology))
      .map((task) => task.store(name, isolation));
  }

  close(): void {
    this.retain([]);
  }

  #sharesOf(plans: readonly TaskPlan[]): TaskShares {
    return taskShares(plans, this.#parts.topology, this.#parts.settings);
  }

  #open(plan: TaskPlan, expected: ExpectedState): ActiveTask {
    const engine = this.#parts.openEngine(plan.name, expected);
    try {
      return this.#openOver(engine, plan);
    } catch (error) {
      if (!isCorruption(error) || !engine.discardIfCorrupt()) engine.close();
      throw error;
    }
  }

  #openOver(engine: StoreEngine, plan: TaskPlan): ActiveTask {
    const { topology, settings, output, partitionCount, globalStore } = this.#parts;
    const { applicationId, clock } = settings;
    const subTopology = topology.subTopologies.find(({ id }) => id === plan.id.subTopology)!;
    const guard = new RecordGuard(settings, plan.name);
    const logged = subTopology.stores.filter(({ logConfigs }) => logConfigs !== undefined);
    const placeOf = ({ name }: StoreSpec) => ({
      topic: changelogTopic(applicationId, name),
      partition: plan.id.partition,
    });
    const changelogs = new Map(logged.map((store) => [store.name, placeOf(store)]));
    const inMemory = logged.filter((store) => store.kind !== 'suppress_buffer' && store.inMemory);
    const outputs = new TaskOutputs({
      output,
      partitionCount,
      changelogTopics: new Set([...changelogs.values()].map(({ topic }) => topic)),
      onRefused: (record, error) => guard.refused(record, error),
    });
    const open = (policies: FailurePolicies) =>
      new TopologyTask({
        applicationId,
        taskId: plan.id,
        topology,
        subTopology,
        collector: outputs,
        openStore: (spec, context) => openStore(spec, engine, context),
        globalStore,
        wallClockMs: () => clock.now(),
        onDrop: (reason) => report('dropped', { applicationId, task: plan.name, reason }),
        cache: new StoreCache({ bytesMax: this.#shares.cacheBytesMax }),
        recentBytesMax: this.#shares.recentBytesMax,
        emitIntervals,
        limits: settings,
        ...policies,
      });
    const volatile = new Set(inMemory.map((store) => placeOf(store).topic));
    return new ActiveTask({ plan, changelogs, volatile, engine, outputs, guard, limits: settings, open });
  }
}

/** Logs that the damaged state of a task was deleted. */
export const warnDamaged = ({ logger }: StreamsSettings, task: string, error: unknown): void =>
  logger.warn(
    { task, reason: `SQLite cannot read it: ${(error as Error).message}.` },
    'the state of a task is restored from its changelogs',
  );

/** The memory that each task of a process may use, so that the total stays within the limits. */
interface TaskShares {
  /** The memory for the updates that the caches of the task hold back. */
  readonly cacheBytesMax: number;
  /** The memory for the newest rows of each store of a stream join. */
  readonly recentBytesMax: number;
}

/** The memory for the newest rows of all stores of stream joins: 32 MiB, or 4 MiB for each of 8 stores. */
const allRecentBytesMax = 8 * RECENT_BYTES_MAX;

export function taskShares(
  plans: readonly Pick<TaskPlan, 'id'>[],
  topology: Pick<Topology, 'subTopologies'>,
  { cacheBytesMax }: { readonly cacheBytesMax: number },
): TaskShares {
  const stores = plans.flatMap((plan) => topology.subTopologies.find(isOf(plan))?.stores ?? []);
  const recentStores = stores.filter(keepsRecentRows).length;
  return {
    cacheBytesMax: Math.floor(cacheBytesMax / Math.max(1, plans.length)),
    recentBytesMax: Math.min(RECENT_BYTES_MAX, Math.floor(allRecentBytesMax / Math.max(1, recentStores))),
  };
}

const isOf =
  ({ id }: Pick<TaskPlan, 'id'>) =>
  (subTopology: { readonly id: number }): boolean =>
    subTopology.id === id.subTopology;
