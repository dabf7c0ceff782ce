/**
 * Does the long runs of `npm run verify`. Prints the report as one line of JSON and progress on
 * standard error, and exits with 1 if there is a problem.
 */
import { parseArgs } from 'node:util';
import { serviceNames } from '@millrace/test-support/stack';
import { runOutages } from './outages.ts';
import { runUpgrade } from './upgrade.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    orders: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '60' },
  },
});
const print = (line: string) => void process.stderr.write(`${line}\n`);

const forms: Readonly<Record<string, () => Promise<{ readonly problems: readonly string[] }>>> = {
  upgrade: () =>
    runUpgrade({
      services: serviceNames,
      broker: true,
      buyers: 3,
      print,
      seed: Number(values.seed),
      ordersPerStep: Number(values.orders),
    }),
  outages: () =>
    runOutages({ services: serviceNames, stoppedMs: Number(values.seconds) * 1000, calmMs: 20_000, print }),
};

try {
  const [name = ''] = positionals;
  const report = await forms[name]?.();
  process.stdout.write(`${JSON.stringify({ form: name, ...report })}\n`);
  process.exitCode = report?.problems.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`operations: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
