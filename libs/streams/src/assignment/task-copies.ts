/**
 * - `active`: the process has run the task until now
 * - `standby`: the process follows the changelogs of the task
 * - `dormant`: the process has an old state of the task in its folder
 */
export type CopyRole = 'active' | 'standby' | 'dormant';

/** A process's copy of the state of a task. */
export interface TaskCopy {
  readonly role: CopyRole;
  /** How many records of the changelogs the process has not applied yet. */
  readonly lagRecords: number;
}

/** A process that takes part in an assignment. */
export interface ProcessState {
  readonly processId: string;
  /** The states that are on its disk, by the names of the tasks. */
  readonly copies: ReadonlyMap<string, TaskCopy>;
}

/** A task as it is assigned. */
export interface AssignableTask {
  readonly name: string;
  readonly subTopology: number;
  readonly stateful: boolean;
  /** The number of records in its changelogs, if known. */
  readonly changelogRecords?: number;
}

export interface AssignmentRules {
  /** How many processes follow each stateful task, in addition to the one that runs it. */
  readonly standbyReplicas: number;
  /** How many copies may be restored at a time for tasks that are about to move. */
  readonly warmupsMax: number;
  /** A process may take over a task whose changelogs it lags behind by at most this much. */
  readonly acceptableLagRecords: number;
}

const running = -1;

/**
 * Returns how many records a process has to restore before it can run a task. It is negative for
 * the process that runs the task.
 */
export function lagOf(
  { copies }: ProcessState,
  { name, stateful, changelogRecords }: AssignableTask,
): number {
  const copy = copies.get(name);
  if (copy?.role === 'active') return running;
  if (!stateful) return 0;
  return copy?.lagRecords ?? changelogRecords ?? Number.POSITIVE_INFINITY;
}

/** A total order of texts that does not depend on a locale. */
export function byText(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
