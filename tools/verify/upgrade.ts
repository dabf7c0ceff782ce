import { parseArgs } from 'node:util';
import { commit, countOf, seedOf, writePage, type LongRun } from './long-run.ts';
import { runOperations } from './operations.ts';

interface Answers {
  readonly answered: number;
  readonly failed: Readonly<Record<string, number>>;
  readonly lost: Readonly<Record<string, number>>;
}

/** The report that `test/operations` prints. */
interface UpgradeReport {
  readonly orders: number;
  readonly steps: ReadonlyArray<{
    readonly what: string;
    readonly to: string;
    readonly seconds: number;
    readonly exitCodes: readonly number[];
  }>;
  readonly answers: Answers;
  readonly answersAfter: Answers;
  readonly problems: readonly string[];
}

/** Rolls each service from the previous release to this one and back, under load. */
export const upgrade: LongRun = {
  summary:
    '[--seed 1] [--orders 12]: each service rolled from the previous release to this one and back ' +
    'under load; writes docs/reports/upgrade.md',
  async main(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { seed: { type: 'string', default: '1' }, orders: { type: 'string', default: '12' } },
    });
    const seed = seedOf('--seed', values.seed);
    const orders = countOf('--orders', values.orders);
    const startedAt = new Date();
    const onCommit = commit();
    const { passed, report } = await runOperations<UpgradeReport>('upgrade', [
      '--seed',
      String(seed),
      '--orders',
      String(orders),
    ]);
    writePage(pageOf(report, args), startedAt, onCommit);
    process.stdout.write(`${closing(report).join('\n')}\n`);
    return passed && undisturbed(report);
  },
};

const undisturbed = ({ answers, steps }: UpgradeReport): boolean =>
  Object.keys({ ...answers.failed, ...answers.lost }).every((what) => what === '503') &&
  steps.every(({ exitCodes }) => exitCodes.every((code) => code === 0));

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

function pageOf(report: UpgradeReport, args: readonly string[]) {
  return {
    path: 'docs/reports/upgrade.md',
    title: 'Rolling upgrade',
    command: ['npm run verify -- upgrade', ...args].join(' '),
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
  };
}
