// First: it stands in front of Node's file system, of which the broker's modules keep what they find.
import './disk/watch-file-system.ts';
import { parseArgs } from 'node:util';
import { runCrashes } from './crash/run-crashes.ts';
import { runDamage } from './damage/run-damage.ts';
import { runFailingDisk } from './failing-disk/run-failing-disk.ts';
import { runFullDisk } from './full-disk/run-full-disk.ts';
import { runFuzz } from './fuzz/run-fuzz.ts';
import { runInjections } from './injected/run-injected.ts';
import { runPeers } from './peers/run-peers.ts';
import { runBrokerCrashes } from './workload/run-broker-crashes.ts';
import { inWords, type FaultsReport } from './report.ts';

/** Each proves one of the broker's promises about faults. */
const runs: Readonly<Record<string, (options: RunOptions) => Promise<FaultsReport>>> = {
  crash: runCrashes,
  'failing-disk': runFailingDisk,
  'full-disk': runFullDisk,
  injected: runInjections,
  damage: runDamage,
  'broker-crashes': runBrokerCrashes,
  fuzz: runFuzz,
  peers: runPeers,
};

/** Of the time that they have together, where several runs make one page. */
const shares: Readonly<Record<string, number>> = { crash: 0.5, 'failing-disk': 0.18, damage: 0.07, injected: 0.2, 'full-disk': 0.05 };
const shareOf = (name = ''): number => shares[name] ?? 1;

/** What every run is told. */
export interface RunOptions {
  /** A slice of it, within the seconds that CI has. */
  readonly quick: boolean;
  readonly seed: number;
  /** Mutated ones that the run fuzz sends; 100,000 in a slice, else 2,000,000. */
  readonly frames?: number;
  /** For a whole run: what was not tried by then is left out, and the report says how much was. */
  readonly minutesMax: number;
  /** The n of crashes and faults at the n-th call, counted from 1. */
  readonly range?: { readonly from: number; readonly to: number };
  readonly print: (line: string) => void;
}

const usage = `node test/broker-faults/src/main.ts RUN [OPTIONS], where RUN is one of ${Object.keys(runs).join(', ')}
  --quick      a slice, within the seconds that CI has
  --seed N     of everything random: the run that failed says which
  --frames N   mutated requests of the run fuzz: 2000000, or 100000 with --quick
  --minutes N  for all of a long run (default 40), of which each part has its share; what is not tried by then is left out
  --range A-B  crashes and faults at the n-th change or call only for n from A to B
  --json       the report as one line of JSON on standard output, all else on standard error`;

const isSeed = (text: string): boolean => /^\d{1,15}$/.test(text);

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      frames: { type: 'string' },
      minutes: { type: 'string', default: '40' },
      range: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const run = Object.hasOwn(runs, positionals[0] ?? '') ? runs[positionals[0] ?? ''] : undefined;
  if (values.help || run === undefined) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 1;
  }
  if (!isSeed(values.seed)) {
    process.stderr.write(`broker-faults: --seed must be a whole number of at most 15 digits, it is ${values.seed}\n`);
    return 2;
  }
  const print = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const options = {
    quick: values.quick,
    seed: Number(values.seed),
    minutesMax: Number(values.minutes) * shareOf(positionals[0]),
    range: rangeOf(values.range),
    ...(values.frames === undefined ? {} : { frames: Number(values.frames) }),
  };
  const report = await run({ ...options, print });
  process.stdout.write(`${values.json ? JSON.stringify(report) : inWords(report)}\n`);
  return report.problems.length === 0 ? 0 : 1;
}

function rangeOf(given: string | undefined): RunOptions['range'] {
  if (given === undefined) return undefined;
  const [, from, to] = /^(\d+)-(\d+)$/.exec(given) ?? [];
  if (from === undefined || to === undefined) throw new Error(`--range ${given} is no range: give one such as 100-200`);
  return { from: Number(from), to: Number(to) };
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`broker-faults: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
