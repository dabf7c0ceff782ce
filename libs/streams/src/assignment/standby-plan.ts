import { byText, lagOf, type AssignableTask, type ProcessState } from './task-copies.ts';

/** Which processes have which tasks, and how many each has, while standby tasks are being placed. */
export class StandbyPlan {
  readonly #processes: readonly ProcessState[];
  readonly #loads: Map<string, number>;
  readonly #occupied = new Map<string, Set<string>>();
  readonly #standbys = new Map<string, Set<AssignableTask>>();

  constructor(processes: readonly ProcessState[], activeLoads: ReadonlyMap<string, number>) {
    this.#processes = processes;
    this.#loads = new Map(activeLoads);
  }

  /** Keeps standby tasks away from a process that has the task already. */
  occupy(task: AssignableTask, { processId }: ProcessState): void {
    const occupied = this.#occupied.get(task.name) ?? new Set();
    this.#occupied.set(task.name, occupied.add(processId));
  }

  add(task: AssignableTask, process: ProcessState): void {
    const { processId } = process;
    this.occupy(task, process);
    this.#standbys.set(processId, this.#standbysOf(process).add(task));
    this.#loads.set(processId, this.#loadOf(process) + 1);
  }

  move(task: AssignableTask, { from, to }: { readonly from: ProcessState; readonly to: ProcessState }): void {
    this.#standbysOf(from).delete(task);
    this.#occupied.get(task.name)?.delete(from.processId);
    this.#loads.set(from.processId, this.#loadOf(from) - 1);
    this.add(task, to);
  }

  standbysOf(process: ProcessState): readonly AssignableTask[] {
    return [...this.#standbysOf(process)];
  }

  /** The processes that could have a copy of the task, those with the least load first. */
  candidates({ name }: AssignableTask): readonly ProcessState[] {
    const occupied = this.#occupied.get(name);
    return this.byLoad().filter(({ processId }) => occupied?.has(processId) !== true);
  }

  byLoad(): readonly ProcessState[] {
    const loadOf = (process: ProcessState) => this.#loadOf(process) / process.capacity;
    return this.#processes.toSorted(
      (one, other) => loadOf(one) - loadOf(other) || byText(one.processId, other.processId),
    );
  }

  /** Returns a task whose move from one process to the other balances them, if there is one. */
  improvement(
    from: ProcessState,
    to: ProcessState,
    fixed: ReadonlySet<AssignableTask>,
  ): AssignableTask | undefined {
    const fromLoad = (this.#loadOf(from) - 1) / from.capacity;
    const toLoad = (this.#loadOf(to) + 1) / to.capacity;
    if (fromLoad < toLoad) return undefined;
    const movable = this.standbysOf(from).filter(
      (task) => !fixed.has(task) && this.#occupied.get(task.name)?.has(to.processId) !== true,
    );
    const least = Math.min(...movable.map((task) => lagOf(to, task)));
    return movable.find((task) => lagOf(to, task) === least);
  }

  #standbysOf({ processId }: ProcessState): Set<AssignableTask> {
    return this.#standbys.get(processId) ?? new Set();
  }

  #loadOf({ processId }: ProcessState): number {
    return this.#loads.get(processId) ?? 0;
  }
}
