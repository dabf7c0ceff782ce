/** Compares random pairs of schemas with Avro Java, for this many seeds from the given one on. */
import { parseArgs } from 'node:util';
import { AvroJava } from './avro-java.ts';
import { compareWithJava, reportInWords } from './compare-with-java.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    pairs: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
  },
});

const java = await AvroJava.start((line) => process.stderr.write(`${line}\n`));
try {
  const report = await compareWithJava(java, { seed: Number(values.seed), pairs: Number(values.pairs) });
  process.stdout.write(`${reportInWords(report)}\n`);
  if (values.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  process.exitCode = report.differences.length === 0 ? 0 : 1;
} finally {
  await java.stop();
}
