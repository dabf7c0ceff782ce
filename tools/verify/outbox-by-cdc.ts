import type { OutboxReport } from '../../test/capture/src/outbox/main.ts';
import type { Measured } from '../../test/capture/src/outbox/measure.ts';
import { jestCommand } from '../ci/jest-command.ts';
import {
  loadNow,
  replaceSection,
  runLogged,
  reportedRun,
  tableOf,
  type LoggedRun,
  type LongRun,
} from './long-run.ts';

/** Every story of an order and its outcomes, without the tests of traces, pages and reference. */
const stories = [
  'outcomes',
  'completed',
  'compensated',
  'cancellation',
  'choreographed',
  'returns',
  'random-orders',
  'every-post',
];

let table: LoggedRun | undefined;

const run = reportedRun<OutboxReport>({
  name: 'outbox-by-cdc',
  summary: 'the stories of an order with RELAY=cdc, and the relay beside a connector',
  options: { messages: '10000', rounds: '2' },
  program: ['test/capture/src/outbox/main.ts'],
  page: ({ measured }) => ({
    title: 'The outbox, published by the relay and by a connector',
    about:
      'First the end-to-end stories of orders, each with its outcome, run on a stack with `RELAY=cdc`: every service hands ' +
      'its outbox over to a connector before the first order. Then one outbox is published by its relay and by a ' +
      'connector in turns, on a PostgreSQL (with fsync), a broker and a worker of their own. Transactions of five ' +
      'messages of 600 bytes are committed at a steady rate. The latency counts from the answer to COMMIT until a reader ' +
      'of committed records has the message; the first fifth warms up and is left out. Processor times are per message, of PostgreSQL with all its processes, of ' +
      'the process that writes and has the relay, and of the worker. Everything shares one machine, so compare rows ' +
      'next to each other.',
    columns: [
      'messages/s',
      'published by',
      'p50, ms',
      'p99, ms',
      'PostgreSQL, µs',
      'service, µs',
      'worker, µs',
      'WAL, bytes',
      'memory of the worker, MB',
    ],
    rows: measured.map((each) => [
      each.perSecond,
      each.publishedBy,
      each.p50Ms.toFixed(1),
      each.p99Ms.toFixed(1),
      each.databaseUs,
      each.serviceUs,
      each.workerUs,
      each.logBytes,
      each.workerMb.toFixed(0),
    ]),
    closing: [
      `stories with RELAY=cdc: ${table?.passed === true ? 'passed' : 'FAILED'}: ${summaryOf(table?.output ?? '')}`,
      `load average at the end: ${loadNow()}`,
    ],
  }),
  onReport: ({ measured }, startedAt) =>
    replaceSection('docs/how-to/outbox-by-cdc.md', 'figures', inShort(measured, startedAt)),
});

/** What the how-to page shows of the run: the mean of the rounds. */
function inShort(measured: readonly Measured[], startedAt: Date): string {
  const groups = Map.groupBy(measured, ({ perSecond, publishedBy }) => `${perSecond} ${publishedBy}`);
  const rows = [...groups.values()].map((rounds) => {
    const mean = (of: (each: Measured) => number) =>
      rounds.reduce((sum, each) => sum + of(each), 0) / rounds.length;
    const { perSecond, publishedBy } = rounds[0]!;
    return [
      perSecond,
      publishedBy,
      mean(({ p50Ms }) => p50Ms).toFixed(1),
      mean(({ p99Ms }) => p99Ms).toFixed(1),
      Math.round(mean(({ databaseUs }) => databaseUs)),
      Math.round(mean(({ serviceUs, workerUs }) => serviceUs + workerUs)),
    ];
  });
  const columns = [
    'messages/s',
    'published by',
    'p50, ms',
    'p99, ms',
    'PostgreSQL, µs',
    'service and worker, µs',
  ];
  const date = startedAt.toISOString().slice(0, 10);
  return [
    'From the answer to COMMIT until a reader has the message, and processor time per message:',
    tableOf(columns, rows),
    `Measured ${date} at a load average of ${loadNow()}.`,
  ].join('\n\n');
}

const summaryOf = (output: string): string => /^Tests: +(.+)$/m.exec(output)?.[1] ?? 'no test ran';

/** Plays the stories with RELAY=cdc, then measures. */
export const outboxByCdc: LongRun = {
  summary: run.summary,
  async main(args) {
    const patterns = stories.map((name) => `src/${name}.e2e`);
    process.env.RELAY = 'cdc';
    try {
      table = await runLogged(
        'env',
        [
          ...Object.entries(jestCommand.environment).map(([name, value]) => `${name}=${value}`),
          process.execPath,
          jestCommand.program,
          '--config',
          'test/e2e/jest.config.mjs',
          ...patterns,
        ],
        'tmp/verify/outbox-by-cdc.log',
      );
    } finally {
      delete process.env.RELAY;
    }
    if (!table.passed) process.stdout.write(table.output);
    return (await run.main(args)) && table.passed;
  },
};
