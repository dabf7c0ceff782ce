import type { DebeziumReport } from '../../test/capture/src/debezium/main.ts';
import { loadNow, reportedRun } from './long-run.ts';

/** Captures and writes the same rows with Debezium in Kafka's own Connect and with our worker. */
export const debezium = reportedRun<DebeziumReport>({
  name: 'debezium',
  summary: "the same statements and rows with Debezium in Kafka's own Connect and with our worker",
  options: { transactions: '1000', changes: '300000', rounds: '3', seconds: '20', seed: '1' },
  program: ['test/capture/src/debezium/main.ts'],
  page: (report, { changes, rounds, seconds }) => ({
    title: 'Side by side with Debezium',
    about:
      `One PostgreSQL, and two workers with a broker of ours each: Debezium ${report.version} in Kafka’s own Connect ` +
      '4.3.1, with the flags of Kafka’s scripts, and our worker. First both capture the same random statements, each ' +
      'with a slot and a publication of its own, and every record is compared: topic, key, headers, schema and value. ' +
      `Then ${grouped(Number(changes))} changes of rows of about 100 bytes pile up while both are stopped, and each side ` +
      'reads them while the other one is stopped. The delay is from the moment when a statement is sent until a ' +
      `reader of the topic has its record, with 200 transactions a second for ${seconds} s. Last, the JDBC sink of ` +
      `each side upserts ${grouped(Number(changes))} rows of a topic. Speeds are the median of ${rounds} rounds, which ` +
      'begin with the other side each time. Our worker writes every record exactly once; Debezium runs as it comes, at ' +
      'least once. Database, brokers and workers share one machine. A difference between records fails the run, and a ' +
      'missed speed does not.',
    columns: ['', 'required of ours', 'our worker', 'Debezium', 'required is'],
    rows: rowsOf(report),
    closing: closingOf(report),
  }),
});

type SideName = DebeziumReport['delays'][number]['side'];

function rowsOf({ comparison, changes, delays, sink, atRest, afterLoad }: DebeziumReport) {
  const speed = (name: SideName) =>
    median(changes.filter(({ side }) => side === name).map((each) => each.changesPerSecond));
  const written = (name: SideName) =>
    median(sink.filter(({ side }) => side === name).map((each) => each.rowsPerSecond));
  const delay = (name: SideName, part: 'p50Ms' | 'p99Ms') =>
    delays
      .filter(({ side, tuned }) => side === name && Object.keys(tuned).length === 0)
      .map((each) => each[part]);
  const tuned = delays.find((each) => Object.keys(each.tuned).length > 0);
  const p50 = median(delay('millrace', 'p50Ms'));
  const differences = comparison.topics.flatMap((topic) => topic.differences).length;
  const records = comparison.topics.reduce((sum, topic) => sum + topic.records, 0);
  return [
    ['records that differ', '0', `${differences} of ${grouped(records)}`, '', met(differences === 0)],
    [
      'row changes/s',
      '30,000',
      grouped(speed('millrace')),
      grouped(speed('debezium')),
      met(speed('millrace') >= 30_000),
    ],
    [
      'commit to topic, p50, ms',
      '10',
      p50.toFixed(1),
      delay('debezium', 'p50Ms')[0]?.toFixed(1) ?? '',
      met(p50 <= 10),
    ],
    [
      'commit to topic, p99, ms',
      '',
      median(delay('millrace', 'p99Ms')).toFixed(1),
      delay('debezium', 'p99Ms')[0]?.toFixed(1) ?? '',
      '',
    ],
    [
      `commit to topic with ${Object.entries(tuned?.tuned ?? {})
        .join()
        .replace(',', '=')}, p50 and p99, ms`,
      '',
      '',
      `${tuned?.p50Ms.toFixed(1)} and ${tuned?.p99Ms.toFixed(1)}`,
      '',
    ],
    [
      'rows/s of the PostgreSQL sink',
      '50,000',
      grouped(written('millrace')),
      grouped(written('debezium')),
      met(written('millrace') >= 50_000),
    ],
    ['memory after the comparison, MB', '', ...memoryOf(atRest, 'residentMb'), ''],
    ['most memory of the run, MB', '', ...memoryOf(afterLoad, 'peakMb'), ''],
  ];
}

const memoryOf = ({ millrace, debezium: java }: DebeziumReport['atRest'], part: 'residentMb' | 'peakMb') => [
  grouped(millrace[part]),
  grouped(java[part]),
];

function closingOf({ comparison, leftOut, rounded, changes, sink, seed }: DebeziumReport): readonly string[] {
  const each = (side: SideName) =>
    `${side}: changes/s ${roundsOf(changes.filter((one) => one.side === side).map((one) => one.changesPerSecond))}; ` +
    `rows/s ${roundsOf(sink.filter((one) => one.side === side).map((one) => one.rowsPerSecond))}`;
  const differences = comparison.topics.flatMap((topic) => topic.differences);
  return [
    'not compared:',
    ...leftOut.map(
      ({ field, ofSnapshot, why }) =>
        `  ${field}${ofSnapshot === true ? ' of rows of the snapshot' : ''}: ${why}`,
    ),
    'compared but for rounding:',
    ...rounded.map(({ field, why }) => `  ${field}: ${why}`),
    'compared, records by topic:',
    ...comparison.topics.map(({ topic, records }) => `  ${topic}: ${grouped(records)}`),
    each('millrace'),
    each('debezium'),
    `load average at the end: ${loadNow()}`,
    ...differences.slice(0, 20),
    `${grouped(comparison.transactions)} transactions from seed ${seed}: ${differences.length} differences`,
  ];
}

const met = (holds: boolean): string => (holds ? 'met' : 'missed');
const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');
const roundsOf = (values: readonly number[]): string => values.map(grouped).join(', ');
const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;
