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
import { readOptions, usage, type FaultsOptions } from './options.ts';
import { inWords, type FaultsReport } from './report.ts';

/** Each run proves one of the broker's promises about faults. */
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

/** Each run's share of the total time when several runs make one page. */
const shares: Readonly<Record<string, number>> = {
  crash: 0.5,
  'failing-disk': 0.18,
  damage: 0.07,
  injected: 0.2,
  'full-disk': 0.05,
};

export interface RunOptions extends Pick<FaultsOptions, 'quick' | 'seed' | 'frames' | 'range'> {
  /**
   * The time limit of a whole run. What was not tried by then is left out, and the report says how
   * much was.
   */
  readonly minutesMax: number;
  readonly print: (line: string) => void;
}

function commandLine() {
  const names = Object.keys(runs);
  try {
    const options = readOptions(process.argv.slice(2), names);
    if (options !== 'help') return options;
    process.stdout.write(`${usage(names)}\n`);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`broker-faults: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

async function main(options: FaultsOptions): Promise<number> {
  const { run, json, minutes, ...others } = options;
  const print = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
  const report = await runs[run]!({ ...others, minutesMax: minutes * (shares[run] ?? 1), print });
  process.stdout.write(`${json ? JSON.stringify(report) : inWords(report)}\n`);
  return report.problems.length === 0 ? 0 : 1;
}

try {
  process.exit(await main(commandLine()));
} catch (error) {
  process.stderr.write(
    `broker-faults: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(1);
}
