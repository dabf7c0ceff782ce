import { loadavg } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { chromiumOnPath } from '@millrace/test-support/chromium';
import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { startStack, type TestStack } from '@millrace/test-support/stack';
import { chromium, type Browser } from 'playwright-core';
import { benchOptions } from '../options.ts';
import { command, machine, say, today, writePage } from '../report.ts';
import { Load, stock } from '../saga/load.ts';
import { OrderEnds } from '../saga/order-ends.ts';
import { renderPage, views, type ConsoleNumbers, type View } from './page.ts';
import { cpuMsSince, cpuOfTree, processOf, pssMb } from './process-cost.ts';
import { pssOfSmallestNest } from './smallest-nest.ts';

export const consoleUsage = `npm run bench -- console [--rounds 2] [--seconds 20] [--use 600] [--quick] [--write]
  --rounds    how often each kind of start and each view takes its turn, there and back
  --seconds   how long each view of the console is measured, in each turn
  --use       the seconds for which a browser goes through the pages before the memory is read again
  --quick     checks within a few minutes that the bench works; do not use its numbers
  --write     write the numbers to docs/reports/console-bench.md`;

export function consoleBenchOptions(values: readonly string[]) {
  const defaults = { rounds: 2, seconds: 20, use: 600, quick: false, write: false };
  const options = benchOptions(values, defaults, { rounds: 100, seconds: 3_600, use: 86_400 });
  return options.quick ? { ...options, rounds: 0.5, seconds: 3, use: 20 } : options;
}
type ConsoleBenchOptions = ReturnType<typeof consoleBenchOptions>;

const rates = [0, 20];
/** A console that is paused for longer than the supervisor waits for an answer is not killed. */
const settings = { LOG_LEVEL: 'warn', MILLRACE_UNANSWERED_MS_MAX: '0' };
const settleMs = 5_000;
const pagesUsed = ['shop', 'sagas', 'topics', 'groups', 'streams', 'dead-letters', 'acts', ''];

/** Measures what a stack spends more for its console: until it is ready, on CPU, and on memory. */
export async function runConsoleBench(options: ConsoleBenchOptions): Promise<void> {
  const loadBefore = loadavg()[0] ?? 0;
  const starts = await timeStarts(options.rounds);
  say('starting a stack with a console, and data in a temporary folder');
  const stack = await startStack(settings, { console: true });
  const browser = await chromium.launch(chromiumOnPath());
  try {
    await wait(settleMs);
    const pids = { stack: stack.pid('stack') ?? 0, console: processOf('console', stack.pid('stack') ?? 0) };
    const idle = pssMb(pids.console);
    const cpu = await measureCpu(stack, browser, pids, options);
    say(`a browser goes through the pages for ${options.use} s`);
    const used = await memoryInUse(stack, browser, pids.console, options.use);
    const numbers = { starts, cpu, pssMb: { idle, ...used, smallestNest: await pssOfSmallestNest() } };
    const page = renderPage(numbers, {
      machine: machine('one stack, this client and a browser'),
      date: today(),
      command: command(),
      loadBefore,
    });
    say(`\n${page}`);
    if (options.write) await writePage('console-bench', page);
  } finally {
    await browser.close();
    await stack.stop();
  }
}

/** Every kind takes its turn, and every second time in the opposite order. */
function* turns<Kind>(kinds: readonly Kind[], rounds: number): Iterable<Kind> {
  for (let turn = 0; turn < rounds * 2; turn += 1) yield* turn % 2 === 0 ? kinds : kinds.toReversed();
}

async function timeStarts(rounds: number): Promise<ConsoleNumbers['starts']> {
  const starts: { readonly console: boolean; readonly seconds: number }[] = [];
  const first = await startStack(settings, { console: true });
  await wait(settleMs); // makes the bundles, and keeps the compiled code of all programs
  await first.stop();
  for (const console of turns([true, false], rounds)) {
    const startedAt = performance.now();
    const stack = await startStack(settings, { console });
    starts.push({ console, seconds: (performance.now() - startedAt) / 1_000 });
    say(`ready after ${starts.at(-1)?.seconds.toFixed(2)} s ${console ? 'with' : 'without'} the console`);
    await stack.stop();
  }
  return starts;
}

interface Pids {
  readonly stack: number;
  readonly console: number;
}

async function measureCpu(
  stack: TestStack,
  browser: Browser,
  pids: Pids,
  { rounds, seconds }: ConsoleBenchOptions,
): Promise<ConsoleNumbers['cpu']> {
  const teller = new StoryTeller(stack.bootstrapServers);
  const shop = await openShop(stack, teller, stock);
  const ends = await OrderEnds.open(stack.bootstrapServers);
  const load = new Load(shop, ends);
  await load.closedLoop(16, 100); // warms it up
  const { orderId } = await shop.place({ customer: 'customer0', lines: { product0: 1 } });
  const addresses = { overview: stack.consoleUrl ?? '', order: `${stack.consoleUrl}/shop/${orderId}` };
  const cpu: ConsoleNumbers['cpu'][number][] = [];
  for (const rate of rates)
    for (const view of turns(views, rounds)) {
      const close = await open(view, addresses, browser, pids.console);
      const before = { stack: cpuOfTree(pids.stack), console: cpuOfTree(pids.console) };
      await (rate === 0 ? wait(seconds * 1_000) : load.openLoop(rate, seconds));
      const ofStack = cpuMsSince(before.stack, cpuOfTree(pids.stack)) / seconds;
      const ofConsole = cpuMsSince(before.console, cpuOfTree(pids.console)) / seconds;
      say(`${rate} orders/s, ${view}: ${ofStack.toFixed(1)} ms/s, the console ${ofConsole.toFixed(2)}`);
      cpu.push({ view, rate, ofStack, ofConsole });
      await close();
    }
  await Promise.all([ends.close(), teller.close()]);
  return cpu;
}

/** Shows a view until the returned function is called. A console that is paused stands for none. */
async function open(
  view: View,
  addresses: Readonly<Record<'overview' | 'order', string>>,
  browser: Browser,
  pid: number,
): Promise<() => Promise<void>> {
  const page = await browser.newPage();
  if (view === 'overview' || view === 'order') await page.goto(addresses[view]);
  if (view === 'none') process.kill(pid, 'SIGSTOP');
  await wait(settleMs); // sources are read for some seconds after the last page has left them
  return async () => {
    process.kill(pid, 'SIGCONT');
    await page.close();
  };
}

async function memoryInUse(stack: TestStack, browser: Browser, pid: number, seconds: number) {
  const page = await browser.newPage();
  const shown = async (path: string) => {
    await page.goto(`${stack.consoleUrl}/${path}`);
    await wait(settleMs);
    return pssMb(pid);
  };
  const onePage = await shown('');
  let used = onePage;
  for (const deadline = performance.now() + seconds * 1_000; performance.now() < deadline;)
    for (const path of pagesUsed) used = await shown(path);
  return { onePage, used };
}
