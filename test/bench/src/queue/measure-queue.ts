import { setTimeout as wait } from 'node:timers/promises';
import { failedOf, Ledger, taskOf, type TaskLoad, type TaskQueue } from './tasks.ts';

export interface QueueLoad extends TaskLoad {
  /** The second part: so many tasks a second, for so long, while the one in the middle is blocked. */
  readonly pacedPerSecond: number;
  readonly pacedSeconds: number;
  readonly blockedMs: number;
}

export interface QueueMeasured {
  readonly name: string;
  readonly sentPerSecond: number;
  readonly donePerSecond: number;
  readonly done: number;
  readonly outOfOrder: number;
  readonly twice: number;
  readonly deadLetters: number;
  /** How many of the tasks can be read again after all were done. */
  readonly replayed: number;
  /** How many of the tasks that were sent behind the blocked one waited for `heldUpMs`. */
  readonly heldUp: number;
  readonly sentBehind: number;
  readonly longestWaitMs: number;
}

/** A wait that only the blocked task explains, on a machine that does other things as well. */
const heldUpMs = 500;
const tickMs = 5;
const never = Number.MAX_SAFE_INTEGER;

/** Has the workers of one system do a backlog of tasks, then a steady flow with one blocked task. */
export async function measureQueue(
  open: () => Promise<TaskQueue>,
  load: QueueLoad,
  say: (line: string) => void,
): Promise<QueueMeasured> {
  const backlog = await workOff(open, load);
  say(JSON.stringify(backlog));
  const blocked = await blockOne(open, load);
  say(JSON.stringify(blocked));
  return { ...backlog, ...blocked };
}

async function workOff(open: () => Promise<TaskQueue>, load: TaskLoad) {
  await using queue = await open();
  const ledger = new Ledger(load);
  const tasks = Array.from({ length: load.tasks }, (_, number) => taskOf(number, load));
  const sendingAt = performance.now();
  await queue.send(tasks);
  const sentAt = performance.now();
  const working = await queue.work(ledger.handle);
  await ledger.ended;
  await working[Symbol.asyncDispose]();
  return {
    name: queue.name,
    sentPerSecond: perSecond(load.tasks, sentAt - sendingAt),
    donePerSecond: perSecond(load.tasks, ledger.lastAt - ledger.firstAt),
    done: ledger.doneAt.size,
    outOfOrder: ledger.outOfOrder,
    twice: ledger.twice,
    deadLetters: await queue.deadLetters(failedOf(load)),
    replayed: await queue.replay(),
  };
}

const perSecond = (count: number, ms: number) => Math.round((count * 1_000) / ms);

/** Sends tasks at a fixed rate. The one in the middle takes as long as it is blocked. */
async function blockOne(
  open: () => Promise<TaskQueue>,
  { customers, pacedPerSecond, pacedSeconds, blockedMs }: QueueLoad,
) {
  await using queue = await open();
  const tasks = pacedPerSecond * pacedSeconds;
  const middle = Math.floor(tasks / 2);
  const ledger = new Ledger({
    tasks,
    customers,
    slowEvery: never,
    slowMs: 0,
    failsOnceEvery: never,
    failsAlwaysEvery: never,
  });
  const sentAt: number[] = [];
  await using _working = await queue.work(async (task) => {
    if (task.number === middle) await wait(blockedMs);
    await ledger.handle(task);
  });
  const startedAt = performance.now();
  while (sentAt.length < tasks) {
    const due = Math.min(tasks, Math.floor(((performance.now() - startedAt) / 1_000) * pacedPerSecond));
    const next = Array.from({ length: due - sentAt.length }, (_, index) =>
      taskOf(sentAt.length + index, { customers }),
    );
    sentAt.push(...next.map(() => performance.now()));
    await queue.send(next);
    await wait(tickMs);
  }
  await ledger.ended;
  const waits = sentAt.map((at, number) => (ledger.doneAt.get(number) ?? NaN) - at);
  const behind = waits.slice(middle + 1);
  return {
    heldUp: behind.filter((ms) => ms >= heldUpMs).length,
    sentBehind: behind.length,
    longestWaitMs: Math.round(Math.max(...behind)),
  };
}
