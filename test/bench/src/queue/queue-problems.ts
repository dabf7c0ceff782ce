import type { QueueLoad, QueueMeasured } from './measure-queue.ts';
import { failedOf } from './tasks.ts';

/** What is done with the tasks, unless an option says otherwise. */
export const taskLoad: QueueLoad = {
  tasks: 100_000,
  customers: 1_000,
  slowEvery: 97,
  slowMs: 20,
  failsOnceEvery: 89,
  failsAlwaysEvery: 997,
  pacedPerSecond: 500,
  pacedSeconds: 6,
  blockedMs: 2_000,
};

/** Returns what contradicts the page about queues, one line each. */
export function queueProblems(
  load: QueueLoad,
  log: QueueMeasured,
  queues: readonly QueueMeasured[],
): readonly string[] {
  const dead = failedOf(load);
  return [
    ...[log, ...queues].flatMap(({ name, done, deadLetters }) => [
      ...differs(`${name}: tasks done`, done, load.tasks - dead),
      ...differs(`${name}: dead letters`, deadLetters, dead),
    ]),
    ...differs(`${log.name}: tasks out of order`, log.outOfOrder, 0),
    ...differs(`${log.name}: tasks done twice`, log.twice, 0),
    ...differs(`${log.name}: tasks read again`, log.replayed, load.tasks),
    ...(log.heldUp > 0 ? [] : [`${log.name}: the blocked task held nothing up`]),
    ...queues.flatMap(({ name, replayed }) => differs(`${name}: tasks read again`, replayed, 0)),
  ];
}

const differs = (what: string, is: number, wanted: number) =>
  is === wanted ? [] : [`${what}: ${is} instead of ${wanted}`];
