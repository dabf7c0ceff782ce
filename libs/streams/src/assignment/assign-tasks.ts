import { standbysOf } from './standby-tasks.ts';
import { byText, type AssignableTask, type AssignmentRules, type ProcessState } from './task-copies.ts';
import { movementsOf } from './task-movements.ts';
import { ownersOf } from './task-owners.ts';

/** The tasks of one process, by name. */
export interface ProcessTasks {
  readonly active: readonly string[];
  /** Tasks whose changelogs it follows, as a replica or in order to take them over. */
  readonly standby: readonly string[];
}

export interface TaskAssignment {
  /** The tasks of each process, by its id. */
  readonly processes: ReadonlyMap<string, ProcessTasks>;
  /**
   * Whether tasks will move once their state has been restored, so that a later rebalance is due.
   */
  readonly pending: boolean;
}

/**
 * Assigns every task to one process, and its copies to others. The result depends on the arguments
 * alone and not on their order. If nothing changes, the next assignment is the same.
 */
export function assignTasks(
  tasks: readonly AssignableTask[],
  processes: readonly ProcessState[],
  rules: AssignmentRules,
): TaskAssignment {
  const members = processes.toSorted((one, other) => byText(one.processId, other.processId));
  const owners = ownersOf(tasks, members);
  const movements = movementsOf(tasks, { processes: members, owners, rules });
  const { standbys, pending } = standbysOf(tasks, { processes: members, owners, movements, rules });
  const runsAt = (task: AssignableTask, process: ProcessState) =>
    movements.running.get(task.name) === process;
  const warmsUpAt = (task: AssignableTask, process: ProcessState) =>
    movements.warmups.get(task.name) === process;
  const followsAt = (task: AssignableTask, process: ProcessState) =>
    warmsUpAt(task, process) || standbys.some((one) => one.task === task && one.process === process);
  const assigned = members.map((process): [string, ProcessTasks] => {
    const active = tasks.filter((task) => runsAt(task, process));
    const standby = tasks.filter((task) => followsAt(task, process));
    return [process.processId, { active: namesOf(active), standby: namesOf(standby) }];
  });
  return { processes: new Map(assigned), pending: pending || movements.pending };
}

const namesOf = (tasks: readonly AssignableTask[]): readonly string[] => tasks.map(({ name }) => name);
