import type { Answers } from '../../test/operations/src/answers.ts';
import type { UpgradeReport } from '../../test/operations/src/upgrade.ts';
import { reportedRun } from './long-run.ts';

/** Rolls each service from the previous release to this one and back, under load. */
export const upgrade = reportedRun<UpgradeReport>({
  name: 'upgrade',
  summary: 'each service rolled from the previous release to this one and back under load',
  options: { seed: '1', orders: '12' },
  program: ['test/operations/src/main.ts', 'upgrade'],
  isGood: ({ answers, steps }) =>
    Object.keys({ ...answers.failed, ...answers.lost }).every((what) => what === '503') &&
    steps.every(({ exitCodes }) => exitCodes.every((code) => code === 0)),
  page: (report) => ({
    title: 'Rolling upgrade',
    about:
      'The previous release (`test/operations/src/release.ts`) is started, ' +
      'and customers buy all the time. `migrate` first applies this release’s migrations. ' +
      'Then each service is taken to this release, back to the previous one, and to this one again: ' +
      'a process of the other release starts beside the old one, some orders go through both, ' +
      'and the old one gets SIGTERM. At the end the broker is stopped and this release’s broker is ' +
      'started on the same data. Afterwards every order has ended and the books balance ' +
      'by SQL over the events.',
    columns: ['what', 'to release', 'seconds, orders included', 'exit code of the drained'],
    rows: report.steps.map(({ what, to, seconds, exitCodes }) => [
      what,
      to,
      seconds.toFixed(1),
      exitCodes.join(', ') || 'restart',
    ]),
    closing: closing(report),
  }),
});

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([what, count]) => `${what} x ${count}`)
    .join(', ') || 'none';

const inWords = ({ answered, failed, lost }: Answers): string =>
  `${answered} answers; 5xx: ${counts(failed)}; connections without an answer: ${counts(lost)}`;

const closing = ({ orders, answers, answersAfter, problems }: UpgradeReport): readonly string[] => [
  `while the services were rolled: ${inWords(answers)}`,
  `while the broker was replaced and afterwards: ${inWords(answersAfter)}`,
  ...problems,
  `${orders} orders, ${problems.length} violations`,
];
