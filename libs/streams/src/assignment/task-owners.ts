import { byText, lagOf, type AssignableTask, type ProcessState } from './task-copies.ts';

/** The process that is to run each task, by the name of the task. */
export type TaskOwners = ReadonlyMap<string, ProcessState>;

/** The processes to share tasks among, with what they have already been given. */
interface Sharing {
  readonly processes: readonly ProcessState[];
  /** How many tasks each process has from other sub-topologies. */
  readonly loads: ReadonlyMap<string, number>;
  /** How many of the tasks each process runs now. */
  readonly held: ReadonlyMap<string, number>;
}

/**
 * Chooses the processes that are to run the tasks once all state has been restored. It balances each
 * sub-topology by itself, and their sum as well: two processes differ by at most one task. A task
 * stays where it runs as far as the balance allows, and otherwise goes to the process that has the
 * least to restore for it.
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
 * Returns how many of `taskCount` tasks each process gets: all get the same number, and what is
 * left over goes to the processes with the least load, then to those that hold more than their
 * share already, so that nothing moves without need.
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

/** Stateful sub-topologies come first, so that they are balanced among themselves. */
function groupsOf(tasks: readonly AssignableTask[]): readonly (readonly AssignableTask[])[] {
  const groups = [...Map.groupBy(tasks, ({ subTopology }) => subTopology).values()];
  const isStateful = (group: readonly AssignableTask[]) => group.some(({ stateful }) => stateful);
  return [...groups.filter(isStateful), ...groups.filter((group) => !isStateful(group))];
}

/** The tasks that each process runs. If two claim a task, one of them is wrong, and the first has it. */
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
 * How many tasks each process holds best. Those whose process is gone run next where the least has
 * to be restored, and count there already, so that the next rebalance comes to the same result.
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
 * A process gives up the tasks that others have restored furthest, and of these the ones with most
 * followers, as one of them is to take over. So a task that is being restored elsewhere is the one
 * to move, at this rebalance and at the next.
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

/** All ways to place the tasks, the ones with the least to restore first. */
function offersOf(tasks: readonly AssignableTask[], processes: readonly ProcessState[]): readonly Offer[] {
  const offers = tasks.flatMap((task) =>
    processes.map((process): Offer => ({ task, process, lag: lagOf(process, task) })),
  );
  return offers.sort(
    (one, other) => descending(other.lag, one.lag) || byText(one.process.processId, other.process.processId),
  );
}

/** Infinity minus itself is no number, so that lags are compared and not subtracted. */
function descending(one: number, other: number): number {
  if (one === other) return 0;
  return one > other ? -1 : 1;
}
