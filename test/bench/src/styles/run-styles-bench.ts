import { openShop, orderStyles, StoryTeller } from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';
import type { OrderStyle } from '@millrace/contracts';
import { benchOptions } from '../options.ts';
import { command, machine, say, today, writePage } from '../report.ts';
import { Load, stock, type LoadResult } from '../saga/load.ts';
import { LoggedMessages } from '../saga/logged-messages.ts';
import { cpuOf, sumOf } from '../saga/measure.ts';
import { OrderEnds } from '../saga/order-ends.ts';
import { phaseOf, printedPhase, renderPage, type Phase } from './page.ts';

export const stylesUsage = `npm run bench -- styles [--rate 20] [--seconds 20] [--concurrency 64] [--orders 600] [--rounds 3] [--warmup 200] [--write]
  measures orders that a saga directs beside orders that are choreographed, in turns on one stack
  --rate, --seconds       open loop: the orders per second and the length
  --concurrency, --orders closed loop: the orders in flight and their total
  --rounds                how often both styles run both loops
  --write                 write the numbers to docs/reports/styles-bench.md`;

export const stylesBenchOptions = (values: readonly string[]) =>
  benchOptions(
    values,
    { rate: 20, seconds: 20, concurrency: 64, orders: 600, rounds: 3, warmup: 200, write: false },
    { rate: 10_000, seconds: 86_400, concurrency: 10_000, orders: 1_000_000, rounds: 100, warmup: 100_000 },
  );

/** What is left to do after an order's end, such as its mail, is done when the log is silent for this long. */
const silenceMs = 2_000;
const silenceMsMax = 120_000;

/** Runs both loops in both styles, in turns, so that what disturbs the machine disturbs both. */
export async function runStylesBench(options: ReturnType<typeof stylesBenchOptions>): Promise<void> {
  const { rate, seconds, concurrency, orders, rounds, warmup, write } = options;
  say('starting a stack with data in a temporary folder');
  const stack = await startStack({ LOG_LEVEL: 'error' });
  const teller = new StoryTeller(stack.bootstrapServers);
  const ends = await OrderEnds.open(stack.bootstrapServers);
  const logged = await LoggedMessages.open(stack.bootstrapServers);
  try {
    const loads = new Map<OrderStyle, Load>();
    for (const style of orderStyles)
      loads.set(style, new Load(await openShop(stack, teller, { ...stock, style }), ends));
    for (const load of loads.values()) await load.closedLoop(concurrency, warmup);
    const measure = async (style: OrderStyle, name: string, run: (load: Load) => Promise<LoadResult>) => {
      await silence(logged);
      const from = await logged.ends();
      const cpuBefore = stackCpuMs(stack);
      const result = await run(loads.get(style)!);
      await silence(logged);
      const cpuMs = stackCpuMs(stack) - cpuBefore;
      const phase = phaseOf({ style, name, cpuMs, messages: await logged.since(from), ...result });
      say(printedPhase(phase));
      return phase;
    };
    const phases: Phase[] = [];
    for (let round = 0; round < rounds; round++) {
      const styles = round % 2 === 0 ? orderStyles : orderStyles.toReversed();
      for (const style of styles)
        phases.push(await measure(style, `${rate} per second`, (load) => load.openLoop(rate, seconds)));
      for (const style of styles)
        phases.push(
          await measure(style, `${concurrency} in flight`, (load) => load.closedLoop(concurrency, orders)),
        );
    }
    const page = renderPage(phases, `${today()}, ${machine()}. \`${command()}\``);
    say(`\n${page}`);
    if (write) await writePage('styles-bench', page);
  } finally {
    await Promise.all([ends.close(), teller.close(), logged.close()]);
    await stack.stop();
  }
}

const stackCpuMs = (stack: TestStack): number =>
  sumOf([...cpuOf(stack)].filter(([part]) => part !== 'bench client').map(([, ms]) => ms)) ?? Number.NaN;

/** Waits until nothing has been written to the log for a while. */
async function silence(logged: LoggedMessages): Promise<void> {
  let seen = '';
  let since = performance.now();
  await until('the log to be silent', silenceMsMax, async () => {
    const now = (await logged.ends()).map(({ offset }) => offset).join();
    if (now !== seen) {
      seen = now;
      since = performance.now();
    }
    return performance.now() - since > silenceMs;
  });
}
