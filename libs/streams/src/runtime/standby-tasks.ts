import { isRetriableError, type OpenLogReader } from '@millrace/streaming-core/client';
import { hours, minutes, type Clock } from '@millrace/streaming-core/runtime';
import type { TaskCopy } from '../assignment/task-copies.ts';
import type { TaskPlan } from '../assignment/tasks.ts';
import { nextTurn } from './next-turn.ts';
import { changelogRecord } from './raw-records.ts';
import type { RestoredTask } from './restoration.ts';
import { isCorruption } from '../state/sqlite/state-failure.ts';
import type { ExpectedStates } from './task-state.ts';

/** The state of a task that another process runs. */
export interface StandbyTask extends RestoredTask {
  /** Closes the task and deletes its state if the state is damaged. Returns whether it was. */
  discardIfCorrupt(): boolean;
  close(): void;
}

interface StandbyTasksParts {
  /** Reads committed records only, so a standby task never applies a record that may be aborted. */
  readonly reader: Pick<OpenLogReader, 'fetch' | 'beginningOffsets'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly expect: (plans: readonly TaskPlan[]) => Promise<ExpectedStates>;
  readonly open: (plan: TaskPlan, expected: ExpectedStates) => StandbyTask;
  /** Called for each task whose damaged state was deleted. The task is then restored. */
  readonly onDamaged: (taskName: string, error: unknown) => void;
  readonly onError: (error: unknown) => void;
}

interface OpenedStandby {
  readonly name: string;
  readonly task: StandbyTask;
}

interface Following {
  readonly name: string;
  readonly task: StandbyTask;
  readonly storeName: string;
  readonly topic: string;
  readonly partition: number;
  position: bigint;
  lag: bigint;
}

/** How often the file of a task is stamped as caught up. */
const caughtUpMs = hours(1);
const fetchMsMax = minutes(1);
/** If state is damaged again within this time, its disk gets no more state. */
const damageFreeMsMin = hours(1);

/**
 * Follows the changelogs of tasks that other processes run, so that this process can take them over
 * quickly. Damaged state is deleted and restored. Any other failure ends the following until the
 * next assignment, but never the application.
 */
export class StandbyTasks {
  readonly #parts: StandbyTasksParts;
  #plans: readonly TaskPlan[] | undefined;
  #copies: ReadonlyMap<string, TaskCopy> = new Map();
  #working: Promise<void> = Promise.resolve();

  constructor(parts: StandbyTasksParts) {
    this.#parts = parts;
  }

  /**
   * The copies of the tasks that the process follows, or has followed until the last revocation.
   */
  get copies(): ReadonlyMap<string, TaskCopy> {
    return this.#copies;
  }

  begin(plans: readonly TaskPlan[]): void {
    this.#plans = plans;
    this.#copies = new Map();
    this.#working = this.#work(plans).catch((error: unknown) => this.#parts.onError(error));
  }

  /** Resolves once the files are closed. */
  async end(): Promise<void> {
    this.#plans = undefined;
    await this.#working;
  }

  async #work(plans: readonly TaskPlan[]): Promise<void> {
    if (plans.length === 0) return;
    const { clock } = this.#parts;
    let healedAtMs = -damageFreeMsMin;
    while (this.#plans === plans) {
      const tasks = new Set<OpenedStandby>();
      try {
        const expected = await this.#parts.expect(plans);
        for (const plan of plans) tasks.add({ name: plan.name, task: this.#parts.open(plan, expected) });
        await this.#follow(plans, [...tasks]);
        return;
      } catch (error) {
        if (clock.now() - healedAtMs < damageFreeMsMin || !(await this.#discardCorrupt(tasks, error)))
          throw error;
        healedAtMs = clock.now();
      } finally {
        for (const { task } of tasks) task.close();
      }
    }
  }

  /** Deletes the state that this error reports as damaged. Resolves to false if there is none. */
  async #discardCorrupt(tasks: Set<OpenedStandby>, error: unknown): Promise<boolean> {
    if (!isCorruption(error)) return false;
    const before = tasks.size;
    for (const opened of tasks) {
      await nextTurn();
      if (!opened.task.discardIfCorrupt()) continue;
      tasks.delete(opened);
      this.#parts.onDamaged(opened.name, error);
    }
    return tasks.size < before;
  }

  /** Resolves when the assignment has ended. */
  async #follow(plans: readonly TaskPlan[], tasks: readonly OpenedStandby[]): Promise<void> {
    const following = await this.#positions(tasks);
    const { clock } = this.#parts;
    const keptAtMs = new Map(tasks.map(({ task }) => [task, clock.now()]));
    while (this.#plans === plans && following.length > 0) {
      const beganAtMs = clock.now();
      const fetched = await this.#step(following);
      // A process that was suspended in the meantime does not know what the log has now.
      if (clock.now() - beganAtMs > fetchMsMax) continue;
      for (const [task, stores] of caughtUp(following, fetched)) {
        const isDue = beganAtMs - keptAtMs.get(task)! >= caughtUpMs || this.#plans !== plans;
        if (!isDue) continue;
        task.keepRestored(new Map(stores.map(({ topic, position }) => [topic, position])), true);
        keptAtMs.set(task, beganAtMs);
      }
    }
  }

  async #positions(tasks: readonly OpenedStandby[]): Promise<readonly Following[]> {
    const stores = tasks.flatMap(({ name, task }) =>
      [...task.changelogs].map(([storeName, place]) => ({ name, task, storeName, ...place })),
    );
    const beginnings = await this.#parts.reader.beginningOffsets(stores);
    return stores.map((store, index) => {
      const beginning = beginnings[index]!.offset;
      const stored = store.task.restoredOffset(store.topic) ?? beginning;
      return { ...store, position: stored < beginning ? beginning : stored, lag: unknownLag };
    });
  }

  async #step(following: readonly Following[]): ReturnType<OpenLogReader['fetch']> {
    const fetched = await this.#fetch(following);
    for (const [index, { records, nextOffset, highWatermark, error }] of fetched.entries()) {
      if (error !== undefined && !isRetriableError(error)) throw error;
      const followed = following[index]!;
      if (records.length > 0) {
        followed.task.restore(followed.storeName, records.map(changelogRecord));
        followed.task.keepRestored(new Map([[followed.topic, nextOffset]]), false);
        await nextTurn();
      }
      followed.position = nextOffset;
      if (highWatermark >= 0n) followed.lag = highWatermark - nextOffset;
    }
    this.#copies = copiesOf(following);
    return fetched;
  }

  async #fetch(following: readonly Following[]): ReturnType<OpenLogReader['fetch']> {
    try {
      return await this.#parts.reader.fetch(
        following.map(({ topic, partition, position }) => ({ topic, partition, offset: position })),
      );
    } catch (error) {
      if (isRetriableError(error)) return [];
      throw error;
    }
  }
}

/**
 * Returns the tasks for which this fetch has reached the end of each changelog, with their stores.
 * Records after the last stable offset are not compacted, so no tombstone among them can be missed.
 */
function caughtUp(
  following: readonly Following[],
  fetched: Awaited<ReturnType<OpenLogReader['fetch']>>,
): readonly (readonly [StandbyTask, readonly Following[]])[] {
  const isAtEnd = (index: number) => {
    const { error, lastStableOffset, highWatermark } = fetched[index] ?? { highWatermark: -1n };
    const end = lastStableOffset ?? highWatermark;
    return error === undefined && end >= 0n && following[index]!.position >= end;
  };
  const atEnd = new Set(following.filter((_one, index) => isAtEnd(index)));
  const byTask = [...Map.groupBy(following, (one) => one.task)];
  return byTask.filter(([, stores]) => stores.every((store) => atEnd.has(store)));
}

/** The lag of a changelog that has not been read yet. */
const unknownLag = BigInt(Number.MAX_SAFE_INTEGER);

function copiesOf(following: readonly Following[]): ReadonlyMap<string, TaskCopy> {
  const byTask = Map.groupBy(following, ({ name }) => name);
  const copies = [...byTask].map(([name, stores]): [string, TaskCopy] => {
    const lag = stores.reduce((sum, store) => sum + store.lag, 0n);
    return [name, { role: 'standby', lagRecords: Number(lag < unknownLag ? lag : unknownLag) }];
  });
  return new Map(copies);
}
