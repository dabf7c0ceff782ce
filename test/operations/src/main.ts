/** The long form, called by `npm run verify -- upgrade`: prints the report as one line of JSON, progress on standard error. Exit code 1 with a problem. */
import { parseArgs } from 'node:util';
import { serviceNames } from '@millrace/testing/shop';
import { runUpgrade } from './upgrade.ts';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, orders: { type: 'string', default: '12' } } });
try {
  const report = await runUpgrade({
    services: serviceNames,
    seed: Number(values.seed),
    ordersPerStep: Number(values.orders),
    buyers: 3,
    broker: true,
    print: (line) => void process.stderr.write(`${line}\n`),
  });
  process.stdout.write(`${JSON.stringify({ seed: Number(values.seed), ...report })}\n`);
  process.exitCode = report.problems.length === 0 ? 0 : 1;
} catch (error) {
  process.stderr.write(`upgrade: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
