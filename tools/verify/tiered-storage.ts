import type { Span, TieredFigures } from '../../test/guides/src/tiered-storage/read-old-segments.ts';
import { reportedRun } from './long-run.ts';

const thousands = (count: number): string => count.toLocaleString('en-US');

/** Reads a topic of Apache Kafka whose old segments have left the broker's own disk. */
export const tieredStorage = reportedRun<TieredFigures>({
  name: 'tiered-storage',
  summary: 'old segments of Apache Kafka on a remote tier, read by our client',
  options: { megabytes: '100' },
  program: ['test/guides/src/tiered-storage/main.ts'],
  page: ({ written, remoteSegments, localSegments, localFrom, problems, ...spans }) => ({
    title: 'Tiered storage',
    about:
      'One node of Apache Kafka 4.3.1 copies the closed segments of a topic to a remote tier, and ' +
      'keeps 1 MB of it on ' +
      'its own disk. The remote tier is `LocalTieredStorage`, which Kafka’s own tests use: a folder of the same ' +
      'machine, so the figures say nothing about an object store. Our client writes records of 1,000 bytes, reads ' +
      'all of them once the disk has lost the old ones, finds one by its time, and reads the old ' +
      'ones once more after ' +
      'kill -9 of the broker. Each record is compared. A fetch may fail until the broker has fetched ' +
      'the index of the ' +
      'segment; the client then asks again.',
    columns: ['', 'records', 'first record after, ms', 'records/s', 'fetches that failed first'],
    rows: [
      row('old, on the remote tier only', spans.old),
      row('recent, on the disk', spans.recent),
      row('old, after kill -9', spans.oldAfterRestart),
    ],
    closing: [
      `${thousands(written)} records written: ${remoteSegments} segments on the remote tier, ` +
        `${localSegments} on the disk, which begins with offset ${localFrom}`,
      ...problems.slice(0, 20),
      `${problems.length} problems`,
    ],
  }),
});

const row = (name: string, { records, firstRecordMs, recordsPerSecond, errorsPassed }: Span) => [
  name,
  thousands(records),
  firstRecordMs,
  thousands(recordsPerSecond),
  errorsPassed,
];
