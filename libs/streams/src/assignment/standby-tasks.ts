import { StandbyPlan } from './standby-plan.ts';
import { lagOf, type AssignableTask, type AssignmentRules, type ProcessState } from './task-copies.ts';
import type { Movements } from './task-movements.ts';
import type { TaskOwners } from './task-owners.ts';

export interface Standby {
  readonly task: AssignableTask;
  readonly process: ProcessState;
}

export interface Standbys {
  readonly standbys: readonly Standby[];
  /** True if some standby tasks are not yet where they are to be. */
  readonly pending: boolean;
}

interface StandbyInput {
  readonly processes: readonly ProcessState[];
  readonly owners: TaskOwners;
  readonly movements: Movements;
  readonly rules: AssignmentRules;
}

/**
 * Places the standby tasks of stateful tasks on processes that have no other copy of the task. They
 * stay where they are, new ones go where the load is least, and the loads are then balanced. A
 * process that can take over at once gives a standby task up only when its successor can, too.
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

/** Keeps the best of the present standby tasks, and adds those that are missing. */
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
