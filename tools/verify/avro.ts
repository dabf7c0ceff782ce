import type { SchemaReport } from '../../test/schema-oracle/src/compare-with-java.ts';
import { reportedRun } from './long-run.ts';

/** Judges the same random pairs of schemas with Avro Java and with `@millrace/schema-registry`. */
export const avro = reportedRun<SchemaReport>({
  name: 'avro',
  summary: 'the same random pairs of Avro schemas judged by Avro Java and by @millrace/schema-registry',
  options: { pairs: '5000', seed: '1' },
  program: ['test/schema-oracle/src/main.ts', '--json'],
  page: ({ seed, pairs, refused, readable, found, differences }) => ({
    title: 'Side by side with Avro Java',
    about:
      'Each seed gives two random schemas, one of which is mostly the other with a few changes. Avro Java 1.12.1 and ' +
      '@millrace/schema-registry parse both, write their canonical texts, and list what the first cannot read of the ' +
      'second, each with its kind, place and message. Any difference fails the run.',
    columns: ['what Java says', 'pairs or places'],
    rows: [
      ['a text is no schema', refused],
      ['the reader reads everything', readable],
      ...Object.entries(found).map(([type, count]) => [type, count] as const),
    ],
    closing: [`${pairs} pairs from seed ${seed} on compared, ${differences.length} differ`],
  }),
});
