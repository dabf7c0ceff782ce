import { assignTasks, type TaskAssignment } from './assign-tasks.ts';
import type { AssignableTask, AssignmentRules, ProcessState, TaskCopy } from './task-copies.ts';

const roundsMax = 100;
const longChangelog = 1_000_000;

/** Processes that restore the state of their tasks, and report it at the next rebalance. */
export class RestoringGroup {
  readonly #tasks: readonly AssignableTask[];
  readonly #rules: AssignmentRules;
  #copies = new Map<string, ReadonlyMap<string, TaskCopy>>();

  constructor(tasks: readonly AssignableTask[], rules: AssignmentRules) {
    this.#tasks = tasks;
    this.#rules = rules;
  }

  /** Assigns the tasks. Copies that are new begin to be restored. */
  rebalance(processIds: readonly string[]): TaskAssignment {
    const assignment = assignTasks(this.#tasks, this.#members(processIds), this.#rules);
    this.#copies = new Map(
      [...assignment.processes].map(([processId, { active, standby }]) => {
        const before = this.#copies.get(processId);
        const old = [...(before ?? [])].map(([name, { lagRecords }]): [string, TaskCopy] => [
          name,
          { role: 'dormant', lagRecords },
        ]);
        const followed = standby.map((name): [string, TaskCopy] => [
          name,
          { role: 'standby', lagRecords: before?.get(name)?.lagRecords ?? longChangelog },
        ]);
        const run = active.map((name): [string, TaskCopy] => [name, { role: 'active', lagRecords: 0 }]);
        return [processId, new Map([...old, ...followed, ...run])];
      }),
    );
    return assignment;
  }

  /** Rebalances until all copies are restored and nothing is about to move. */
  settle(processIds: readonly string[]): TaskAssignment {
    this.settling(processIds);
    return this.rebalance(processIds);
  }

  /** Rebalances like `settle`. Returns every assignment up to the first that leaves nothing to move. */
  settling(processIds: readonly string[]): readonly TaskAssignment[] {
    const assignments: TaskAssignment[] = [];
    while (assignments.length < roundsMax) {
      const assignment = this.rebalance(processIds);
      this.#restore();
      assignments.push(assignment);
      if (!assignment.pending) return assignments;
    }
    throw new Error('the group does not settle');
  }

  #members(processIds: readonly string[]): readonly ProcessState[] {
    return processIds.map((processId) => ({
      processId,
      copies: this.#copies.get(processId) ?? new Map(),
    }));
  }

  #restore(): void {
    this.#copies = new Map(
      [...this.#copies].map(([processId, copies]) => [
        processId,
        new Map(
          [...copies].map(([name, copy]) => [
            name,
            copy.role === 'standby' ? { ...copy, lagRecords: 0 } : copy,
          ]),
        ),
      ]),
    );
  }
}
