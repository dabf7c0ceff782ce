import { byText, lagOf, type AssignableTask, type ProcessState } from './task-copies.ts';

/** The process that will run each task, by the name of the task. */
export type TaskOwners = ReadonlyMap<string, ProcessState>;

/** The processes that share tasks, with the tasks that they already have. */
interface Sharing {
  readonly processes: readonly ProcessState[];
  /** How many tasks each process has from other sub-topologies. */
  readonly loads: ReadonlyMap<string, number>;
  /** How many of the tasks each process runs now. */
  readonly held: ReadonlyMap<string, number>;
}

/**
 * Chooses the process that will run each task once all state has been restored. It balances each
 * sub-topology and all of them together: two processes differ by at most one task. A task stays
 * where it runs as far as the balance allows. Otherwise it goes to the process that has the least
 * to restore.
 */
export function ownersOf(tasks: readonly AssignableTask[], processes: readonly ProcessState[]): TaskOwners {
  const owners = new Map<string, ProcessState>();
  const loads = new Map<string, number>();
  for (const group of groupsOf(tasks)) {
    const running = runningTasks(group, processes);
    const quotas = quotasOf(group.length, { processes, loads, held: heldCounts(group, processes) });
    for (const [processId, quota] of quotas) loads.set(processId, (loads.get(processId) ?? 0) + quota);
    for (const [name, owner] of shareOut(group, { processes, running, quotas })) owners.set(name, owner);
  }
  return owners;
}

/**
 * Returns how many of `taskCount` tasks each process gets. All get the same number. The remainder
 * goes to the processes with the least load, and among these to those that already hold more than
 * their share, so that no task moves without need.
 */
function quotasOf(taskCount: number, { processes, loads, held }: Sharing): Map<string, number> {
  const share = Math.floor(taskCount / processes.length);
  const quotas = new Map(processes.map(({ processId }) => [processId, share]));
  const loadOf = ({ processId }: ProcessState) => loads.get(processId) ?? 0;
  const holdsMore = ({ processId }: ProcessState) => Number((held.get(processId) ?? 0) > share);
  const ranked = processes.toSorted(
    (one, other) =>
      loadOf(one) - loadOf(other) ||
      holdsMore(other) - holdsMore(one) ||
      byText(one.processId, other.processId),
  );
  for (const { processId } of ranked.slice(0, taskCount - share * processes.length))
    quotas.set(processId, share + 1);
  return quotas;
}

/**
 * Groups tasks by sub-topology. Stateful sub-topologies come first, so that they are balanced among
 * themselves.
 */
function groupsOf(tasks: readonly AssignableTask[]): readonly (readonly AssignableTask[])[] {
  const groups = [...Map.groupBy(tasks, ({ subTopology }) => subTopology).values()];
  const isStateful = (group: readonly AssignableTask[]) => group.some(({ stateful }) => stateful);
  return [...groups.filter(isStateful), ...groups.filter((group) => !isStateful(group))];
}

/** The tasks that each process runs. If two processes claim a task, the first one is believed. */
function runningTasks(
  tasks: readonly AssignableTask[],
  processes: readonly ProcessState[],
): ReadonlyMap<string, readonly AssignableTask[]> {
  const runs = ({ copies }: ProcessState, { name }: AssignableTask) => copies.get(name)?.role === 'active';
  const running = new Map<string, AssignableTask[]>(processes.map(({ processId }) => [processId, []]));
  for (const task of tasks) {
    const owner = processes.find((process) => runs(process, task));
    if (owner !== undefined) running.get(owner.processId)?.push(task);
  }
  return running;
}

/**
 * Counts the tasks that each process would run without moving more state than necessary. A task
 * whose process is gone counts for the process with the least to restore, so that the next
 * rebalance comes to the same result.
 */
function heldCounts(
  tasks: readonly AssignableTask[],
  processes: readonly ProcessState[],
): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const task of tasks) {
    const having = processes.filter(({ copies }) => copies.has(task.name));
    const least = Math.min(...having.map((process) => lagOf(process, task)));
    const best = having.find((process) => lagOf(process, task) === least);
    if (best !== undefined) held.set(best.processId, (held.get(best.processId) ?? 0) + 1);
  }
  return held;
}

interface Shares {
  readonly processes: readonly ProcessState[];
  readonly running: ReadonlyMap<string, readonly AssignableTask[]>;
  readonly quotas: ReadonlyMap<string, number>;
}

function shareOut(
  tasks: readonly AssignableTask[],
  { processes, running, quotas }: Shares,
): ReadonlyMap<string, ProcessState> {
  const owners = new Map<string, ProcessState>();
  const left = new Map(quotas);
  const leftFor = ({ processId }: ProcessState) => left.get(processId) ?? 0;
  const give = (task: AssignableTask, process: ProcessState) => {
    owners.set(task.name, process);
    left.set(process.processId, leftFor(process) - 1);
  };
  const runningAt = ({ processId }: ProcessState) => running.get(processId) ?? [];
  const takers = processes.filter((process) => runningAt(process).length < leftFor(process));
  for (const process of processes)
    for (const task of leastWantedFirst(runningAt(process), { takers, processes }).slice(0, leftFor(process)))
      give(task, process);

  const orphans = tasks.filter(({ name }) => !owners.has(name));
  for (const { task, process } of offersOf(orphans, takers))
    if (!owners.has(task.name) && leftFor(process) > 0) give(task, process);
  return owners;
}

/**
 * Sorts the tasks that a process could give up. First come those that others have restored
 * furthest, and among these the ones with the most followers, since one of the followers takes
 * over. A task that is already being restored elsewhere is therefore the one that moves, at this
 * rebalance and at the next.
 */
function leastWantedFirst(
  tasks: readonly AssignableTask[],
  { takers, processes }: { takers: readonly ProcessState[]; processes: readonly ProcessState[] },
): readonly AssignableTask[] {
  const leastLag = (task: AssignableTask) => Math.min(Infinity, ...takers.map((taker) => lagOf(taker, task)));
  const followers = ({ name }: AssignableTask) =>
    processes.filter(({ copies }) => copies.get(name)?.role === 'standby').length;
  return tasks
    .map((task) => ({ task, lag: leastLag(task), followers: followers(task) }))
    .sort((one, other) => descending(one.lag, other.lag) || one.followers - other.followers)
    .map(({ task }) => task);
}

interface Offer {
  readonly task: AssignableTask;
  readonly process: ProcessState;
  readonly lag: number;
}

/** All ways to place the tasks, starting with those that restore the least. */
function offersOf(tasks: readonly AssignableTask[], processes: readonly ProcessState[]): readonly Offer[] {
  const offers = tasks.flatMap((task) =>
    processes.map((process): Offer => ({ task, process, lag: lagOf(process, task) })),
  );
  return offers.sort(
    (one, other) => descending(other.lag, one.lag) || byText(one.process.processId, other.process.processId),
  );
}

/** Compares lags instead of subtracting them, since Infinity minus Infinity is not a number. */
function descending(one: number, other: number): number {
  if (one === other) return 0;
  return one > other ? -1 : 1;
}
