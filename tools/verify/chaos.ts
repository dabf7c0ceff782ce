import type { Report as ChaosReport } from '../../test/chaos/src/report.ts';
import { writeVerified } from '../ci/verified.ts';
import { commit, runReport, seedOf, valuesOf, writePage, type LongRun } from './long-run.ts';

interface SeedRun {
  readonly seed: number;
  readonly minutes: number;
  readonly report?: ChaosReport;
  readonly failures: readonly string[];
}

const defaults = { seeds: '1,2,3,4,5', orders: '240' };
const page = 'docs/reports/chaos.md';
/** The options of every seed, beside its orders. */
const scenario =
  '--replicas order=2,inventory=2 --kills 10 --long-pauses 3 --upgrade --over-s 75 --deadline-s 240';

/** Runs `npm run chaos` on two replicas, with long pauses and an upgrade, for several seeds. */
export const chaos: LongRun = {
  summary:
    `[--seeds ${defaults.seeds}] [--orders ${defaults.orders}]: random orders under kills, ` +
    `long pauses and an upgrade, seed by seed; writes ${page}`,
  async main(args) {
    const values = valuesOf(args, defaults);
    const seeds = values.seeds.split(',').map((seed) => seedOf('--seeds', seed.trim()));
    const orders = Number(values.orders);
    const startedAt = new Date();
    const onCommit = commit();
    const runs: SeedRun[] = [];
    for (const seed of seeds) {
      runs.push(await runSeed(seed, orders));
      process.stdout.write(`${inWords(runs.at(-1)!)}\n`);
      writePage(pageOf(runs, seeds, orders, args), startedAt, onCommit);
    }
    const passed = runs.every(({ failures }) => failures.length === 0);
    if (passed) writeVerified([resultOf(runs)], onCommit);
    process.stdout.write(`${total(runs)}\n`);
    return passed;
  },
};

async function runSeed(seed: number, orders: number): Promise<SeedRun> {
  const logFile = `tmp/chaos/seed-${seed}.log`;
  const options = ['--orders', String(orders), '--seed', String(seed), ...scenario.split(' '), '--json'];
  const startedAt = performance.now();
  try {
    const run = await runReport<ChaosReport>(['test/chaos/src/main.ts', ...options], logFile);
    const { passed, minutes, report } = run;
    const violations = report.violations.map(
      ({ kind, subject, detail }) =>
        `seed ${seed}: ${kind}: ${subject}: ${detail} (logs: ${report.folder}/logs)`,
    );
    const unexplained =
      passed || violations.length > 0 ? [] : [`seed ${seed}: the command failed (log: ${logFile})`];
    return { seed, minutes, report, failures: [...violations, ...unexplained] };
  } catch (error) {
    const minutes = (performance.now() - startedAt) / 60_000;
    return { seed, minutes, failures: [`seed ${seed}: ${(error as Error).message}`] };
  }
}

/** The entry of a run that passed in test/records/verified.json. */
const resultOf = (runs: readonly SeedRun[]) => ({
  target: 'verify:chaos',
  succeeded: true,
  minutes: runs.reduce((sum, { minutes }) => sum + minutes, 0),
  finishedAt: new Date().toISOString(),
  passed: runs.length,
  failed: 0,
  skipped: 0,
  broken: [],
  tests: runs.map(({ seed }) => ({
    file: page,
    name: `K05 random orders under kills, pauses beyond the leases and an upgrade all end (seed ${seed})`,
    status: 'passed',
  })),
});

function partsWith({ kills }: ChaosReport, wanted: ChaosReport['kills'][number]['kind']): string {
  const counts = new Map<string, number>();
  for (const { part, kind } of kills) if (kind === wanted) counts.set(part, (counts.get(part) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([part, count]) => `${part} ${count}`)
    .join(', ');
}

const timersOf = ({ timers: { fired, moved, medianMs, worstMs, worstOnceReadyMs } }: ChaosReport): string =>
  `${fired} fired, ${moved} moved; ${medianMs} / ${worstMs} / ${worstOnceReadyMs} ms`;

const counts = (found: Readonly<Record<string, number>>, prefix = ''): string =>
  Object.entries(found)
    .map(([what, count]) => `${prefix}${what} ${count}`)
    .join(', ');

const versionsOf = ({ versions }: ChaosReport): string => counts(versions, 'v');

const inWords = ({ seed, minutes, report, failures }: SeedRun): string =>
  [
    `seed ${seed}  ${minutes.toFixed(2)} min  ` +
      `${[...(report === undefined ? [] : figuresOf(report)), `${failures.length} violations`].join(', ')}`,
    ...failures.map((failure) => `        ${failure}`),
  ].join('\n');

const figuresOf = (report: ChaosReport): readonly string[] => [
  `${report.orders} orders (${counts(report.styles)})`,
  `${report.kills.length} faults and upgrades`,
  `sagas ${versionsOf(report)}`,
  `timers ${timersOf(report)}`,
];

const total = (runs: readonly SeedRun[]): string => {
  const failed = runs.filter(({ failures }) => failures.length > 0).length;
  return `${runs.length - failed} passed, ${failed} failed`;
};

function pageOf(runs: readonly SeedRun[], seeds: readonly number[], orders: number, args: readonly string[]) {
  return {
    path: page,
    title: 'Chaos',
    command: ['npm run verify -- chaos', ...args].join(' '),
    about: [
      `${runs.length} of ${seeds.length} seeds ran with ${orders} random orders each over HTTP, ` +
        'of both styles, on two processes of the order service and two of inventory. Services, the broker, ' +
        'PostgreSQL and the whole stack were killed with SIGKILL, and processes were paused for longer ' +
        'than their leases. In the middle the order service was upgraded process by process: ' +
        'first to a release that knows versions 1 and 2 of the saga, then to one that starts version 2.',
      'After each seed, every order has ended in a permitted way, the books balance by SQL over the ' +
        'events, and each effect happened once. No stream has a gap, nothing is parked, ' +
        'and there is no dead letter. Each timer fired in time and overtook no reply ' +
        '([the bound](../../test/chaos/README.md#timers)).',
      'The three times of the timers are the median and the maximum from the moment at which a timer ' +
        'came due and its partition had an owner until it fired, which includes outages of the log and ' +
        'the database, and the maximum once nothing was left to wait for, which is bounded by 2,000 ms. ' +
        'A timer was moved if it came due without an owner or a log.',
    ].join('\n\n'),
    columns: [
      'seed',
      'minutes',
      'killed',
      'paused',
      'orders by style',
      'sagas by version',
      'timers',
      'outcomes',
      'quiet after',
      'violations',
    ],
    rows: runs.map(({ seed, minutes, report, failures }) => [
      seed,
      minutes.toFixed(2),
      ...(report === undefined
        ? ['', '', '', '', '', '', '']
        : [
            partsWith(report, 'kill'),
            partsWith(report, 'pause'),
            counts(report.styles),
            versionsOf(report),
            timersOf(report),
            counts(report.outcomes),
            `${(report.settledMs / 1000).toFixed(1)} s`,
          ]),
      failures.length,
    ]),
    closing: [...runs.flatMap(({ failures }) => failures), total(runs)],
  };
}
