import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { startStack, type TestStack } from '@millrace/test-support/stack';
import { benchOptions } from '../options.ts';
import { command, machine, today, writePage } from '../report.ts';
import { round } from '../numbers.ts';
import { hopsOf, printedHops } from './hops.ts';
import { customers, Load, products, stock } from './load.ts';
import { LoggedMessages } from './logged-messages.ts';
import { cpuOf, measured, sumOf } from './measure.ts';
import { OrderEnds } from './order-ends.ts';
import { renderPage, type SagaFacts, type SagaNumbers } from './page.ts';
import { disturbance, machineTime, printedDisturbance, whyNotQuiet, type Disturbance } from './quiet.ts';
import { phaseReport, printed, printedStatements } from './report.ts';
import { StatementCounters } from './statement-counts.ts';

export const sagaUsage = `npm run bench -- saga [--rate 20] [--seconds 20] [--concurrency 64] [--orders 1000] [--warmup 200] [--split] [--json] [--write]
  --rate, --seconds       open loop: the orders per second and the length
  --concurrency, --orders closed loop: the orders in flight and their total
  --warmup                the number of orders before the first measurement
  --split                 run each role of a service as a process, to see the cost of hints between them
  --json                  print the result as one line of JSON
  --write                 write the numbers to docs/reports/saga-bench.md; fails unless the load average before is below 0.3
                          and other programs take less than 5 % of the CPU time
  Orders one at a time, and an idle stack, follow in another minute.`;

export const sagaBenchOptions = (values: readonly string[]) =>
  benchOptions(
    values,
    {
      rate: 20,
      seconds: 20,
      concurrency: 64,
      orders: 1_000,
      warmup: 200,
      split: false,
      json: false,
      write: false,
    },
    { rate: 10_000, seconds: 86_400, concurrency: 10_000, orders: 1_000_000, warmup: 100_000 },
  );
type SagaBenchOptions = ReturnType<typeof sagaBenchOptions>;

const textsMax = 14;
/** One order has ended long before the next one is placed. */
const lonePerSecond = 2;
const loneSeconds = 15;
/** By then, what the last orders have left to do is done. */
const settleSeconds = 30;
const idleSeconds = 20;

/**
 * Starts its own stack, as users run it, and measures an open and a closed loop of orders on it,
 * orders one at a time, and no orders.
 */
export async function runSagaBench(options: SagaBenchOptions): Promise<void> {
  const say = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const loadBefore = loadavg()[0] ?? Number.NaN;
  if (options.write) refuseNoise({ loadBefore, foreignPercent: 0, stolenPercent: 0 });
  const counters = await StatementCounters.open();
  try {
    say('starting a stack with data in a temporary folder');
    const stack = await startStack(
      { LOG_LEVEL: 'warn', ...counters.environment },
      options.split ? { split: ['all'] } : {},
    );
    try {
      const timeBefore = machineTime();
      const ownBefore = ownCpuMs(stack);
      const loops = await runLoops(stack, counters, options, say);
      const numbers = { ...loops, idleCpuMsPerSecond: await idleCpu(stack) };
      const own = difference(ownBefore, ownCpuMs(stack));
      const facts = factsOf(disturbance(loadBefore, timeBefore, machineTime(), own));
      say(
        `idle: ${numbers.idleCpuMsPerSecond ?? '?'} CPU ms per second\n\n${printedDisturbance(facts.disturbance)}`,
      );
      if (options.json)
        process.stdout.write(
          `${JSON.stringify({ ...facts, reports: [numbers.open, numbers.closed, numbers.lone], idleCpuMsPerSecond: numbers.idleCpuMsPerSecond })}\n`,
        );
      if (options.write) {
        refuseNoise(facts.disturbance);
        await writePage('saga-bench', renderPage(numbers, facts));
      }
    } finally {
      await stack.stop();
    }
  } finally {
    await counters.close();
  }
}

async function runLoops(
  stack: TestStack,
  counters: StatementCounters,
  options: SagaBenchOptions,
  say: (line: string) => void,
): Promise<Omit<SagaNumbers, 'idleCpuMsPerSecond'>> {
  const { rate, seconds, concurrency, orders, warmup } = options;
  const teller = new StoryTeller(stack.bootstrapServers);
  const ends = await OrderEnds.open(stack.bootstrapServers);
  const logged = await LoggedMessages.open(stack.bootstrapServers);
  try {
    say(`stocking a shop: ${products.length} products, ${customers.length} accounts`);
    const shop = await openShop(stack, teller, stock);
    const load = new Load(shop, ends);
    say(`warming up: ${warmup} orders`);
    await load.closedLoop(Math.min(concurrency, warmup), warmup);
    say(`${machine()}\n`);
    const before = await logged.ends();
    const openLoad = await measured(stack, counters, () => load.openLoop(rate, seconds));
    const open = phaseReport(`open loop, ${rate} orders per second for ${seconds} s`, openLoad);
    const hops = hopsOf(await logged.since(before));
    say(`${printed(open)}\n\n${printedHops(hops)}\n`);
    const closedLoad = await measured(stack, counters, () => load.closedLoop(concurrency, orders));
    const closed = phaseReport(`closed loop, ${concurrency} orders in flight`, closedLoad);
    say(`${printed(closed)}\n`);
    const loneLoad = await measured(stack, counters, () => load.openLoop(lonePerSecond, loneSeconds));
    const lone = phaseReport(`lone orders, ${lonePerSecond} per second`, loneLoad);
    say(`${printed(lone)}\n\n${printedStatements(openLoad, textsMax)}\n`);
    return { open, closed, lone, hops };
  } finally {
    await Promise.all([ends.close(), teller.close(), logged.close()]);
  }
}

/** The CPU ms per second of the stack, once the bench reads no topic any more. */
async function idleCpu(stack: TestStack): Promise<number | null> {
  const stackCpuMs = () =>
    sumOf([...cpuOf(stack)].filter(([part]) => part !== 'bench client').map(([, ms]) => ms));
  await wait(settleSeconds * 1_000);
  const before = stackCpuMs();
  await wait(idleSeconds * 1_000);
  const used = difference(before, stackCpuMs());
  return used === undefined ? null : round(used / idleSeconds);
}

const ownCpuMs = (stack: TestStack): number | undefined => sumOf([...cpuOf(stack).values()]);

const difference = (before: number | undefined, after: number | undefined): number | undefined =>
  before === undefined || after === undefined ? undefined : after - before;

const factsOf = (disturbed: Disturbance): SagaFacts => ({
  machine: machine(),
  date: today(),
  command: command(),
  disturbance: disturbed,
});

function refuseNoise(disturbed: Disturbance): void {
  const why = whyNotQuiet(disturbed);
  if (why !== undefined) throw new Error(`the machine is not quiet, so nothing is written: ${why}`);
}
