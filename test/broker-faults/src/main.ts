// This import is first because it replaces calls of Node's file system, and the broker's modules
// keep references to them.
import './disk/watch-file-system.ts';
import { runCrashes } from './crash/run-crashes.ts';
import { runDamage } from './damage/run-damage.ts';
import { runFailingDisk } from './failing-disk/run-failing-disk.ts';
import { runFullDisk } from './full-disk/run-full-disk.ts';
import { runFuzz } from './fuzz/run-fuzz.ts';
import { runInjections } from './injected/run-injected.ts';
import { runPeers } from './peers/run-peers.ts';
import { runBrokerCrashes } from './workload/run-broker-crashes.ts';
import { optionsOf } from '@millrace/test-support/options';
import { inWords, type FaultsFound } from './report.ts';

/** Each run proves one of the broker's promises about faults. */
const runs: Readonly<Record<string, (options: RunOptions) => Promise<FaultsFound>>> = {
  crash: runCrashes,
  'failing-disk': runFailingDisk,
  'full-disk': runFullDisk,
  injected: runInjections,
  damage: runDamage,
  'broker-crashes': runBrokerCrashes,
  fuzz: runFuzz,
  peers: runPeers,
};

/** Each run's share of the total time when several runs make one page. */
const shares: Readonly<Record<string, number>> = {
  crash: 0.5,
  'failing-disk': 0.18,
  damage: 0.07,
  injected: 0.2,
  'full-disk': 0.05,
};

export interface RunOptions {
  /** Run a slice within the seconds that CI has. */
  readonly quick: boolean;
  readonly seed: number;
  /** The number of mutated requests of the run `fuzz`. */
  readonly frames: number;
  /** Which n to try, for crashes and faults at the n-th call, counted from 1. */
  readonly range: { readonly from: number; readonly to: number };
  /**
   * The time limit of a whole run. What was not tried by then is left out, and the report says how
   * much was.
   */
  readonly minutesMax: number;
  readonly print: (line: string) => void;
}

const usage = `node test/broker-faults/src/main.ts RUN [OPTIONS], where RUN is one of ${Object.keys(runs).join(', ')}
  --quick      run a slice within the seconds that CI has
  --seed N     the seed of everything random; a failed run prints its seed
  --frames N   mutated requests of the run fuzz (default 2000000, or 100000 with --quick)
  --minutes N  for a whole run (default 40), shared among its parts; what is not tried by then is left out
  --range A-B  try only the changes or calls from the A-th to the B-th
The last line of standard output is the report as JSON. Everything else is on standard error.`;

const print = (line: string) => void process.stderr.write(`${line}\n`);

async function main([name = '', ...args]: readonly string[]): Promise<number> {
  if ([name, ...args].includes('--help')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const run = Object.hasOwn(runs, name) ? runs[name] : undefined;
  if (run === undefined) {
    print(`broker-faults: ${name === '' ? 'name a run' : `there is no run "${name}"`}\n${usage}`);
    return 2;
  }
  const { minutes, range, ...options } = optionsOf(
    args,
    {
      quick: false,
      seed: Date.now() % 1_000_000,
      frames: args.includes('--quick') ? 100_000 : 2_000_000,
      minutes: 40,
      range: '1-999999999',
    },
    { seed: 2 ** 32 - 1, frames: 1_000_000_000, minutes: 10_080 },
  );
  const [from = NaN, to = NaN] = range.split('-').map(Number);
  if (!(from <= to)) throw new Error(`--range must be two numbers such as 100-200, not "${range}"`);
  const minutesMax = minutes * (shares[name] ?? 1);
  const startedAt = performance.now();
  const found = await run({ ...options, range: { from, to }, minutesMax, print });
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  const report = { run: name, seed: options.seed, seconds, ...found };
  print(inWords(report));
  process.stdout.write(`${JSON.stringify(report)}\n`);
  return report.problems.length === 0 ? 0 : 1;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  print(`broker-faults: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  process.exit(1);
}
