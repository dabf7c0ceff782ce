// First: it stands in front of Node's file system, of which the broker's modules keep what they find.
import './disk/watch-file-system.ts';
import { parseArgs } from 'node:util';
import { runCrashes } from './crash/run-crashes.ts';
import { runDamage } from './damage/run-damage.ts';
import { runFailingDisk } from './failing-disk/run-failing-disk.ts';
import { runFuzz } from './fuzz/run-fuzz.ts';
import { runPeers } from './peers/run-peers.ts';
import { runBrokerCrashes } from './workload/run-broker-crashes.ts';
import { inWords, type FaultsReport } from './report.ts';

/** Each proves one of the broker's promises about faults. */
const runs: Readonly<Record<string, (options: RunOptions) => Promise<FaultsReport>>> = {
  crash: runCrashes,
  'failing-disk': runFailingDisk,
  damage: runDamage,
  'broker-crashes': runBrokerCrashes,
  fuzz: runFuzz,
  peers: runPeers,
};

/** What every run is told. */
export interface RunOptions {
  /** A slice of it, within the seconds that CI has. */
  readonly quick: boolean;
  readonly seed: number;
  readonly print: (line: string) => void;
}

const usage = `node test/broker-faults/src/main.ts RUN [OPTIONS], where RUN is one of ${Object.keys(runs).join(', ')}
  --quick      a slice, within the seconds that CI has
  --seed N     of everything random: the run that failed says which
  --json       the report as one line of JSON on standard output, all else on standard error`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const run = Object.hasOwn(runs, positionals[0] ?? '') ? runs[positionals[0] ?? ''] : undefined;
  if (values.help || run === undefined) {
    process.stdout.write(`${usage}\n`);
    return values.help ? 0 : 1;
  }
  const print = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const report = await run({ quick: values.quick, seed: Number(values.seed), print });
  process.stdout.write(`${values.json ? JSON.stringify(report) : inWords(report)}\n`);
  return report.problems.length === 0 ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`broker-faults: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}
