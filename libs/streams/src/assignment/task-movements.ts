import type { TaskOwners } from './task-owners.ts';
import { lagOf, type AssignableTask, type AssignmentRules, type ProcessState } from './task-copies.ts';

/** Where tasks run while their future owners restore the state. */
export interface Movements {
  readonly running: TaskOwners;
  /** The process that restores a task in order to take it over, by the name of the task. */
  readonly warmups: TaskOwners;
  /** Whether some tasks still run on a process that is not their owner. */
  readonly pending: boolean;
}

interface Movement {
  readonly task: AssignableTask;
  readonly from: ProcessState;
  readonly to: ProcessState;
}

/**
 * Lets a task run on the process that has the least to restore while its owner restores the state,
 * so that the task never waits. At most `warmupsMax` tasks are restored like that at a time; those
 * that have progressed furthest come first (KIP-441).
 */
export function movementsOf(
  tasks: readonly AssignableTask[],
  {
    processes,
    owners,
    rules,
  }: { processes: readonly ProcessState[]; owners: TaskOwners; rules: AssignmentRules },
): Movements {
  const running = new Map(owners);
  const movements: Movement[] = [];
  for (const task of tasks) {
    const to = owners.get(task.name);
    const from = to === undefined ? undefined : betterPrepared(task, { owner: to, processes, rules });
    if (to === undefined || from === undefined) continue;
    movements.push({ task, from, to });
    running.set(task.name, from);
  }
  const first = movements.toSorted(byProgress).slice(0, rules.warmupsMax);
  const warmups = new Map(first.map(({ task, to }) => [task.name, to]));
  return { running, warmups, pending: movements.length > 0 };
}

/**
 * Returns the process with the least to restore, if the owner lags behind by more than the
 * acceptable lag.
 */
function betterPrepared(
  task: AssignableTask,
  {
    owner,
    processes,
    rules,
  }: { owner: ProcessState; processes: readonly ProcessState[]; rules: AssignmentRules },
): ProcessState | undefined {
  const ownLag = lagOf(owner, task);
  if (ownLag <= rules.acceptableLagRecords) return undefined;
  const least = Math.min(...processes.map((process) => lagOf(process, task)));
  return least < ownLag ? processes.find((process) => lagOf(process, task) === least) : undefined;
}

const byProgress = (one: Movement, other: Movement): number => {
  const oneLag = lagOf(one.to, one.task);
  const otherLag = lagOf(other.to, other.task);
  if (oneLag === otherLag) return 0;
  return oneLag < otherLag ? -1 : 1;
};
