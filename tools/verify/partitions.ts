import type { PartitionsMeasured } from '../../test/bench/src/partitions/measure-partitions.ts';
import { loadNow, replaceSection, reportedRun, tableOf } from './long-run.ts';

/** The report that `test/bench` prints. */
interface PartitionsReport {
  readonly measured: readonly PartitionsMeasured[];
  readonly problems: readonly string[];
}

/** Measures what more partitions cost. */
export const partitions = reportedRun<PartitionsReport>({
  name: 'partitions',
  summary: 'files, memory, rates and times of the broker with topics of so many partitions',
  options: { counts: '1,10,100,1000', records: '200000' },
  program: ['test/bench/src/partitions/main.ts'],
  page: ({ measured, problems }, { records }) => ({
    title: 'What partitions cost',
    about:
      'For each row a broker starts with an empty folder and gets one topic. One producer sends ' +
      `${grouped(Number(records))} records of 100 bytes under 10,000 keys with acks=all, then 300 records one ` +
      'by one, each of which it waits for. The broker flushes to the disk before it answers. Files and memory ' +
      'are counted then. One reader reads everything from the beginning, from its start to the last record. Then ' +
      'the broker ends and starts again on its data. Broker and client share the machine. The run fails if a ' +
      'record is missing.',
    columns: [
      'partitions',
      'create the topic, ms',
      'open files',
      'memory, MB',
      'records sent/s',
      'ack p50, ms',
      'ack p99, ms',
      'read all, ms',
      'start again, ms',
    ],
    rows: measured.map((each) => [
      grouped(each.partitions),
      grouped(each.createMs),
      grouped(each.openFiles),
      each.residentMb,
      grouped(each.sentPerSecond),
      each.ackP50Ms,
      each.ackP99Ms,
      grouped(each.readMs),
      grouped(each.startMs),
    ]),
    closing: [...problems, `${problems.length} problems`],
  }),
  onReport: ({ measured }, startedAt) =>
    replaceSection('docs/TOPICS.md', 'partitions', inShort(measured, startedAt)),
});

/** What the page of topics shows of the run. */
const inShort = (measured: readonly PartitionsMeasured[], startedAt: Date): string =>
  [
    tableOf(
      ['partitions', ...measured.map((each) => grouped(each.partitions))],
      [
        ['open files of the broker', ...measured.map((each) => grouped(each.openFiles))],
        ['memory of the broker, MB', ...measured.map((each) => each.residentMb)],
        ['start on its data, ms', ...measured.map((each) => grouped(each.startMs))],
        ['a single record acknowledged, p50, ms', ...measured.map((each) => each.ackP50Ms)],
        ['records of one producer per second', ...measured.map((each) => grouped(each.sentPerSecond))],
      ],
    ),
    `Measured ${startedAt.toISOString().slice(0, 10)} at a load average of ${loadNow()}.`,
  ].join('\n\n');

const grouped = (value: number): string => value.toLocaleString('en-US');
