import { openShop, StoryTeller } from '@millrace/test-support/shop';
import { startStack } from '@millrace/test-support/stack';
import { machine, say, today, writePage, writePlots } from '../report.ts';
import { round } from '../numbers.ts';
import { Load, stock } from '../saga/load.ts';
import { OrderEnds } from '../saga/order-ends.ts';
import { configurations, inWords, type Configuration } from './configurations.ts';
import { Fleet } from './fleet.ts';
import type { ScaleBenchOptions } from './options.ts';
import { numbers, type RunFacts } from './page.ts';
import { plotsOf } from './plots.ts';
import { takeSample, type Sample } from './sample.ts';
import { summaryOf, type Summary } from './summary.ts';

/**
 * Measures the orders per second with several processes of each service, and finds the bottleneck.
 * Processes join and leave the bench's own stack.
 */
export async function runScaleBench(options: ScaleBenchOptions): Promise<void> {
  const facts = factsOf(options);
  say('starting a stack with data in a temporary folder');
  const stack = await startStack({ LOG_LEVEL: 'warn' });
  const fleet = new Fleet(stack);
  const teller = new StoryTeller(stack.bootstrapServers);
  const ends = await OrderEnds.open(stack.bootstrapServers);
  try {
    const shop = await openShop(fleet.places, teller, stock);
    const load = new Load(shop, ends);
    say('warming up');
    await load.closedLoop(Math.min(options.concurrency, options.orders), options.orders);
    const summaries = await measure(options, fleet, load);
    say(`\n${numbers(summaries, facts)}`);
    if (options.write) {
      const plots = await writePlots(plotsOf(summaries));
      await writePage('scale', `${numbers(summaries, facts)}\n\n${plots}`, 'scale');
    }
  } finally {
    await fleet.shrink();
    await Promise.all([ends.close(), teller.close()]);
    await stack.stop();
  }
}

async function measure(options: ScaleBenchOptions, fleet: Fleet, load: Load): Promise<readonly Summary[]> {
  const wanted = configurations(options);
  const samples = new Map<Configuration, Sample[]>(wanted.map((configuration) => [configuration, []]));
  for (let round = 1; round <= options.rounds; round++)
    for (const [configuration, taken] of samples) {
      await fleet.become(configuration);
      await takeSample(fleet, load, { ...options, orders: warmupOrders(options) });
      const sample = await takeSample(fleet, load, options);
      taken.push(sample);
      say(inOneLine(configuration, sample, `round ${round} of ${options.rounds}`));
    }
  return [...samples].map(([configuration, taken]) => summaryOf({ configuration, samples: taken }));
}

/** Enough orders for the code to be compiled and the partitions to be reassigned. */
const warmupOrders = ({ orders, concurrency }: ScaleBenchOptions): number =>
  Math.max(10, Math.min(2 * concurrency, Math.ceil(orders / 3)));

const inOneLine = (
  configuration: Configuration,
  { ordersPerSecond, p50Ms, machineShare }: Sample,
  when: string,
): string =>
  `${when}: ${inWords(configuration).padEnd(18)} ${round(ordersPerSecond)} orders/s, ` +
  `p50 ${round(p50Ms)} ms, ${Math.round(machineShare * 100)} % of the cores`;

function factsOf({
  counts,
  orders,
  concurrency,
  rounds,
  quick,
  write: writing,
}: ScaleBenchOptions): RunFacts {
  const given = quick
    ? ' --quick'
    : ` --counts ${counts.join(',')} --orders ${orders} --concurrency ${concurrency} --rounds ${rounds}`;
  const command = `npm run bench -- scale${given}${writing ? ' --write' : ''}`;
  return {
    machine: machine(),
    date: today(),
    command,
    orders,
    concurrency,
    rounds,
  };
}
