import { parseArgs } from 'node:util';
import { writeVerified } from '../ci/verified.ts';
import { commit, countOf, writePage, type LongRun } from './long-run.ts';
import { runOperations } from './operations.ts';

interface Answering {
  readonly answers: number;
  readonly failures: readonly string[];
  readonly medianMs: number;
  readonly worstMs: number;
}

/** The report that `test/operations` prints. */
interface OutageReport {
  readonly calm: Readonly<Record<string, Answering>>;
  readonly outages: ReadonlyArray<{
    readonly stopped: string;
    readonly others: Readonly<Record<string, Answering>>;
    readonly handledWithinMs: Readonly<Record<string, number>>;
    readonly waiting: number;
    readonly startMs: number;
    readonly caughtUpMs: number;
  }>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

const secondsByDefault = '60';
const page = 'docs/reports/outages.md';

/** Stops one service after the other and watches the others. */
export const outages: LongRun = {
  summary:
    `[--seconds ${secondsByDefault}]: each service stopped for a minute while orders are placed; ` +
    `writes ${page}`,
  async main(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { seconds: { type: 'string', default: secondsByDefault } },
    });
    const seconds = countOf('--seconds', values.seconds);
    const startedAt = new Date();
    const onCommit = commit();
    const { passed, report } = await runOperations<OutageReport>('outages', ['--seconds', String(seconds)]);
    writePage(pageOf(report, seconds, args), startedAt, onCommit);
    process.stdout.write(`${closing(report).join('\n')}\n`);
    if (!passed || failures(report) > 0) return false;
    writeVerified([resultOf(report, startedAt)], onCommit);
    return true;
  },
};

/** The entry of a run that passed in the records of `npm run verify`. */
const resultOf = ({ outages: all }: OutageReport, startedAt: Date) => ({
  target: 'verify:outages',
  succeeded: true,
  minutes: (Date.now() - startedAt.getTime()) / 60_000,
  finishedAt: new Date().toISOString(),
  tests: all.map(({ stopped }) => ({
    file: page,
    name: `an outage of ${stopped} leaves the answers and the work of the others as before`,
    status: 'passed',
  })),
});

const failures = ({ outages: all }: OutageReport): number =>
  all.reduce(
    (sum, { others }) => sum + Object.values(others).reduce((of, each) => of + each.failures.length, 0),
    0,
  );

const closing = (report: OutageReport): readonly string[] => [
  ...report.problems,
  Object.entries(report.outcomes)
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', '),
  `${report.problems.length} violations; ${failures(report)} requests to the others failed`,
];

const answered = (each: Answering | undefined): string =>
  each === undefined
    ? ''
    : `${each.medianMs} / ${each.worstMs}${each.failures.length > 0 ? `, ${each.failures.length} failed` : ''}`;

function pageOf(report: OutageReport, seconds: number, args: readonly string[]) {
  const services = Object.keys(report.calm);
  return {
    path: page,
    title: 'One service stopped',
    command: ['npm run verify -- outages', ...args].join(' '),
    about:
      `Each service in turn is stopped with SIGTERM for ${seconds} s and started again. ` +
      'Meanwhile every other service gets five requests a second for its own work: order takes orders, ' +
      'inventory defines products, payment opens accounts, shipping and notification are read. ' +
      `The services' columns are median / worst answer in ms. "Handled" is the time that the slowest of ` +
      'the others needed at the end of the outage to handle every message waiting for it. ' +
      '"Started" is the time that the stopped service needed to serve again, ' +
      'and "caught up" the time from then until it had handled what had waited. ' +
      'Afterwards every order has ended and the books balance.',
    columns: ['stopped', ...services, 'handled, ms', 'messages that waited', 'started, ms', 'caught up, ms'],
    rows: [
      ['nobody', ...services.map((service) => answered(report.calm[service])), '', '', '', ''],
      ...report.outages.map(({ stopped, others, handledWithinMs, waiting, startMs, caughtUpMs }) => [
        stopped,
        ...services.map((service) => answered(others[service])),
        Math.max(...Object.values(handledWithinMs)),
        waiting,
        startMs,
        caughtUpMs,
      ]),
    ],
    closing: closing(report),
  };
}
