import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { startStack } from '@millrace/test-support/stack';
import { machine } from '../machine.ts';
import { hopsOf, printedHops } from './hops.ts';
import { customers, Load, products } from './load.ts';
import { LoggedMessages } from './logged-messages.ts';
import { measured } from './measure.ts';
import type { SagaBenchOptions } from './options.ts';
import { OrderEnds } from './order-ends.ts';
import { phaseReport, printed, printedStatements, type PhaseReport } from './report.ts';
import { StatementCounters } from './statement-counts.ts';
import { warningsIn } from './warnings.ts';

const plenty = 1_000_000;
const textsMax = 14;

/**
 * Starts its own stack, as users run it, and measures an open and a closed loop of orders on it.
 */
export async function runSagaBench(options: SagaBenchOptions): Promise<void> {
  const say = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  const counters = await StatementCounters.open();
  try {
    say('starting a stack with data in a temporary folder');
    const stack = await startStack(
      { LOG_LEVEL: 'warn', ...counters.environment },
      options.split ? { split: ['all'] } : {},
    );
    try {
      const reports = await runPhases(stack, counters, options, say);
      if (options.json)
        process.stdout.write(
          `${JSON.stringify({ machine: machine(), at: new Date().toISOString(), reports })}\n`,
        );
    } finally {
      for (const warning of warningsIn(stack.dataFolder)) say(`logged by ${warning}`);
      await stack.stop();
    }
  } finally {
    await counters.close();
  }
}

async function runPhases(
  stack: Awaited<ReturnType<typeof startStack>>,
  counters: StatementCounters,
  options: SagaBenchOptions,
  say: (line: string) => void,
): Promise<readonly PhaseReport[]> {
  const { rate, seconds, concurrency, orders, warmup } = options;
  const teller = new StoryTeller(stack.bootstrapServers);
  const ends = await OrderEnds.open(stack.bootstrapServers);
  const logged = await LoggedMessages.open(stack.bootstrapServers);
  try {
    say(`stocking a shop: ${products.length} products, ${customers.length} accounts`);
    const shop = await openShop(stack, teller, { stock: all(products), accounts: all(customers) });
    const load = new Load(shop, ends);
    say(`warming up: ${warmup} orders`);
    await load.closedLoop(Math.min(concurrency, warmup), warmup);
    say(`${machine()}\n`);
    const before = await logged.ends();
    const open = await measured(stack, counters, () => load.openLoop(rate, seconds));
    const openReport = phaseReport(`open loop, ${rate} orders per second for ${seconds} s`, open);
    say(`${printed(openReport)}\n\n${printedHops(hopsOf(await logged.since(before)))}\n`);
    const closed = await measured(stack, counters, () => load.closedLoop(concurrency, orders));
    const closedReport = phaseReport(`closed loop, ${concurrency} orders in flight`, closed);
    say(`${printed(closedReport)}\n\n${printedStatements(open, textsMax)}`);
    return [openReport, closedReport];
  } finally {
    await Promise.all([ends.close(), teller.close(), logged.close()]);
  }
}

const all = (names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name) => [name, plenty]));
