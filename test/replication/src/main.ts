import { parseArgs } from 'node:util';
import { acksScenarios } from './acks-table.ts';
import { faultNames, type FaultName } from './faults.ts';
import { reportInWords } from './report.ts';
import { runReplication } from './run.ts';

const usage = `node test/replication/src/main.ts [OPTIONS](as root on Linux)
  --faults ${faultNames.join(',')}
                 inflict only these faults, in this order
  --no-acks      leave out the table of acks levels
  --json         print the report as one line of JSON to standard output, and everything else to standard error`;

function readFaults(text: string): readonly FaultName[] {
  return text.split(',').map((name) => {
    const fault = faultNames.find((known) => known === name.trim());
    if (fault === undefined)
      throw new Error(
        `--faults: there is no ${name || 'fault without a name'}; the faults are ${faultNames.join(', ')}`,
      );
    return fault;
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      faults: { type: 'string', default: faultNames.join(',') },
      'no-acks': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const print = (line: string) => void (values.json ? process.stderr : process.stdout).write(`${line}\n`);
  const acks = values['no-acks'] ? [] : acksScenarios.map(({ name }) => name);
  const report = await runReplication({ faults: readFaults(values.faults), acks, print });
  process.stdout.write(`${values.json ? JSON.stringify(report) : reportInWords(report)}\n`);
  return report.violations.length === 0 ? 0 : 1;
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`replication: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
