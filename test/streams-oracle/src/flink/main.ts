/**
 * Finds the matches of random patterns in random events with Flink CEP in Java and with
 * `@millrace/streams/cep`, for this many seeds from the given one on.
 */
import { parseArgs } from 'node:util';
import { compareWithFlink, patternsInWords } from './compare-with-flink.ts';
import { FlinkCep } from './flink-cep.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '100' },
    json: { type: 'boolean', default: false },
  },
});

const flink = await FlinkCep.start((line) => process.stderr.write(`${line}\n`));
try {
  const report = await compareWithFlink(flink, { seed: Number(values.seed), seeds: Number(values.seeds) });
  process.stdout.write(`${patternsInWords(report)}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = report.findings.length === 0 ? 0 : 1;
} finally {
  await flink.stop();
}
