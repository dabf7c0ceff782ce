import {
  lagOf,
  type AssignableTask,
  type AssignmentRules,
  type ProcessState,
  byText,
} from './task-copies.ts';
import type { Movements } from './task-movements.ts';
import type { TaskOwners } from './task-owners.ts';

interface Standby {
  readonly task: AssignableTask;
  readonly process: ProcessState;
}

export interface Standbys {
  readonly standbys: readonly Standby[];
  /** Whether some standby tasks still have to move to another process. */
  readonly pending: boolean;
}

interface StandbyInput {
  readonly processes: readonly ProcessState[];
  readonly owners: TaskOwners;
  readonly movements: Movements;
  readonly rules: AssignmentRules;
}

/**
 * Places the standby tasks of stateful tasks on processes that have no other copy of the task. A
 * standby task stays where it is, a new one goes to the process with the least load, and the loads
 * are then balanced. A process that could take over at once gives up a standby task only when its
 * successor could take over, too.
 */
export function standbysOf(tasks: readonly AssignableTask[], input: StandbyInput): Standbys {
  const stateful = tasks.filter((task) => task.stateful);
  const plan = new StandbyPlan(input.processes, activeLoads(input.owners));
  for (const task of tasks) occupyByOthers(plan, task, input.movements);
  for (const task of stateful) place(plan, task, input);
  const moves = input.rules.standbyReplicas === 0 ? [] : balance(plan);

  const { acceptableLagRecords, warmupsMax } = input.rules;
  const isReady = (process: ProcessState, task: AssignableTask) =>
    lagOf(process, task) <= acceptableLagRecords;
  const waiting = moves.filter(({ task, from, to }) => isReady(from, task) && !isReady(to, task));
  const warmed = new Set(waiting.slice(0, Math.max(0, warmupsMax - input.movements.warmups.size)));
  const late = waiting.filter((move) => !warmed.has(move));
  const placed = input.processes.flatMap((process) =>
    plan.standbysOf(process).map((task): Standby => ({ task, process })),
  );
  const standbys = [
    ...placed.filter(({ task, process }) => !late.some((move) => move.task === task && move.to === process)),
    ...waiting.map(({ task, from }): Standby => ({ task, process: from })),
  ];
  return { standbys, pending: waiting.length > 0 };
}

function activeLoads(owners: TaskOwners): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  for (const { processId } of owners.values()) loads.set(processId, (loads.get(processId) ?? 0) + 1);
  return loads;
}

function occupyByOthers(plan: StandbyPlan, task: AssignableTask, { running, warmups }: Movements): void {
  for (const process of [running.get(task.name), warmups.get(task.name)])
    if (process !== undefined) plan.occupy(task, process);
}

/** Keeps the best of the present standby tasks, and adds missing ones. */
function place(plan: StandbyPlan, task: AssignableTask, { rules }: StandbyInput): void {
  const free = plan.candidates(task);
  const isStandby = ({ copies }: ProcessState) => copies.get(task.name)?.role === 'standby';
  const isReady = (process: ProcessState) => lagOf(process, task) <= rules.acceptableLagRecords;
  const present = free.filter(isStandby).sort((one, other) => lagOf(one, task) - lagOf(other, task));
  const absent = free.filter((process) => !isStandby(process));
  const ranked = [...present, ...absent.filter(isReady), ...absent.filter((process) => !isReady(process))];
  for (const process of ranked.slice(0, rules.standbyReplicas)) plan.add(task, process);
}

interface Move {
  readonly task: AssignableTask;
  readonly from: ProcessState;
  readonly to: ProcessState;
}

/** Moves standby tasks, each once, for as long as a move brings two loads closer to each other. */
function balance(plan: StandbyPlan): readonly Move[] {
  const moves: Move[] = [];
  for (let move = nextMove(plan, moves); move !== undefined; move = nextMove(plan, moves)) {
    plan.move(move.task, move);
    moves.push(move);
  }
  return moves;
}

function nextMove(plan: StandbyPlan, before: readonly Move[]): Move | undefined {
  const moved = new Set(before.map(({ task }) => task));
  const processes = plan.byLoad();
  for (const from of processes.toReversed())
    for (const to of processes) {
      const task = plan.improvement(from, to, moved);
      if (task !== undefined) return { task, from, to };
    }
  return undefined;
}

/** The tasks of each process, and their number, while standby tasks are being placed. */
class StandbyPlan {
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

  /** The processes that could have a copy of the task, starting with the least loaded. */
  candidates({ name }: AssignableTask): readonly ProcessState[] {
    const occupied = this.#occupied.get(name);
    return this.byLoad().filter(({ processId }) => occupied?.has(processId) !== true);
  }

  byLoad(): readonly ProcessState[] {
    return this.#processes.toSorted(
      (one, other) => this.#loadOf(one) - this.#loadOf(other) || byText(one.processId, other.processId),
    );
  }

  /** Returns a task whose move from one process to the other balances them, if there is one. */
  improvement(
    from: ProcessState,
    to: ProcessState,
    fixed: ReadonlySet<AssignableTask>,
  ): AssignableTask | undefined {
    if (this.#loadOf(from) - 1 < this.#loadOf(to) + 1) return undefined;
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
