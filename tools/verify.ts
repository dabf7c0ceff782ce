/** `npm run verify -- NAME [OPTIONS]`: the long runs, each of which writes what it saw into a page under `docs/`. */
import { brokerCrashes, crash, fuzz } from './verify/broker-faults.ts';
import { chaos } from './verify/chaos.ts';
import { conformance } from './verify/conformance.ts';
import { differential } from './verify/differential.ts';
import type { LongRun } from './verify/long-run.ts';
import { mutantsRun } from './verify/mutants.ts';
import { outages } from './verify/outages.ts';
import { replication } from './verify/replication.ts';
import { soak } from './verify/soak.ts';
import { upgrade } from './verify/upgrade.ts';

const runs: Readonly<Record<string, LongRun>> = {
  soak,
  chaos,
  mutants: mutantsRun,
  upgrade,
  outages,
  replication,
  differential,
  conformance,
  crash,
  'broker-crashes': brokerCrashes,
  fuzz,
};

const usage = (): string =>
  ['npm run verify -- NAME [OPTIONS]', ...Object.entries(runs).map(([name, { summary }]) => `  ${name.padEnd(12)} ${summary}`)].join('\n');

const [name = '', ...args] = process.argv.slice(2);
const run = Object.hasOwn(runs, name) ? runs[name] : undefined;
if (run === undefined) {
  process.stderr.write(`${name === '' || name === '--help' ? '' : `verify: there is no run ${name}\n`}${usage()}\n`);
  process.exitCode = name === '--help' ? 0 : 1;
} else
  try {
    process.exitCode = (await run.main(args)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`verify: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
