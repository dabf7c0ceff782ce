import type { OutageReport } from '../../test/operations/src/outages.ts';
import type { Answering } from '../../test/operations/src/probes.ts';
import { writeVerified } from '../ci/verified.ts';
import { reportedRun } from './long-run.ts';

/** Stops one service after the other and watches the others. */
export const outages = reportedRun<OutageReport>({
  name: 'outages',
  summary: 'each service stopped for a minute while orders are placed',
  options: { seconds: '60' },
  program: ['test/operations/src/main.ts', 'outages'],
  isGood: (report) => failures(report) === 0,
  onPassed: (report, startedAt, onCommit) => writeVerified([resultOf(report, startedAt)], onCommit),
  page: (report, { seconds }) => {
    const services = Object.keys(report.calm) as (keyof OutageReport['calm'])[];
    return {
      title: 'One service stopped',
      about:
        `Each service in turn is stopped with SIGTERM for ${seconds} s and started again. ` +
        'Meanwhile every other service gets five requests a second for its own work: order takes orders, ' +
        'inventory defines products, payment opens accounts, shipping and notification are read. ' +
        `The services' columns are median / worst answer in ms. "Handled" is the time that the slowest of ` +
        'the others needed at the end of the outage to handle every message waiting for it. ' +
        '"Started" is the time that the stopped service needed to serve again, ' +
        'and "caught up" the time from then until it had handled what had waited. ' +
        'Afterwards every order has ended and the books balance.',
      columns: [
        'stopped',
        ...services,
        'handled, ms',
        'messages that waited',
        'started, ms',
        'caught up, ms',
      ],
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
  },
});

/** The entry of a run that passed in the records of `npm run verify`. */
const resultOf = ({ outages: all }: OutageReport, startedAt: Date) => ({
  target: 'verify:outages',
  succeeded: true,
  minutes: (Date.now() - startedAt.getTime()) / 60_000,
  finishedAt: new Date().toISOString(),
  tests: all.map(({ stopped }) => ({
    file: 'docs/reports/outages.md',
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
