import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { workspace } from '../workspace.ts';
import { commit, countOf, runLogged, writePage, type LongRun } from './long-run.ts';

/** The JSON document that `npm run chaos -- --json` prints. */
interface ChaosReport {
  readonly seed: number;
  readonly orders: number;
  readonly kills: ReadonlyArray<{ readonly part: string }>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly violations: ReadonlyArray<{
    readonly kind: string;
    readonly subject: string;
    readonly detail: string;
  }>;
  readonly folder?: string;
}

interface SeedRun {
  readonly seed: number;
  readonly minutes: number;
  readonly report?: ChaosReport;
  readonly failures: readonly string[];
}

const seedsByDefault = '1,2,3,4,5,6,7';
const ordersByDefault = '300';

/** Runs `npm run chaos` with several seeds. */
export const chaos: LongRun = {
  summary: `[--seeds ${seedsByDefault}] [--orders ${ordersByDefault}]: random orders under random kills, seed by seed; writes docs/reports/chaos.md`,
  async main(args) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: seedsByDefault },
        orders: { type: 'string', default: ordersByDefault },
      },
    });
    const seeds = values.seeds.split(',').map((seed) => countOf('--seeds', seed.trim()));
    const orders = countOf('--orders', values.orders);
    const startedAt = new Date();
    const onCommit = commit();
    const runs: SeedRun[] = [];
    for (const seed of seeds) {
      runs.push(await runSeed(seed, orders));
      process.stdout.write(`${inWords(runs.at(-1)!)}\n`);
      writePage(pageOf(runs, seeds, orders, args), startedAt, onCommit);
    }
    process.stdout.write(`${total(runs)}\n`);
    return runs.every(({ failures }) => failures.length === 0);
  },
};

async function runSeed(seed: number, orders: number): Promise<SeedRun> {
  const logFile = join(workspace, 'tmp/chaos', `seed-${seed}.log`);
  const args = [
    'run',
    '--silent',
    'chaos',
    '--',
    '--orders',
    String(orders),
    '--seed',
    String(seed),
    '--json',
  ];
  const { passed, minutes, output } = await runLogged('npm', args, logFile);
  const report = reportIn(output);
  const violations =
    report?.violations.map(({ kind, subject, detail }) => `${kind} ${subject}: ${detail}`) ?? [];
  const failures = passed || violations.length > 0 ? violations : [`the command failed: ${logFile}`];
  return { seed, minutes, report, failures };
}

/** Finds the report, which is one line among the progress lines. */
function reportIn(output: string): ChaosReport | undefined {
  const line = output.split('\n').findLast((each) => each.startsWith('{"seed":'));
  return line === undefined ? undefined : (JSON.parse(line) as ChaosReport);
}

function killsByPart({ kills }: ChaosReport): string {
  const counts = new Map<string, number>();
  for (const { part } of kills) counts.set(part, (counts.get(part) ?? 0) + 1);
  return [...counts]
    .sort()
    .map(([part, count]) => `${part} ${count}`)
    .join(', ');
}

const outcomesOf = ({ outcomes }: ChaosReport): string =>
  Object.entries(outcomes)
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', ');

const inWords = ({ seed, minutes, report, failures }: SeedRun): string =>
  [
    `seed ${seed}  ${minutes.toFixed(2)} min  ${report?.orders ?? 0} orders, ${report?.kills.length ?? 0} kills, ${failures.length} violations`,
    ...failures.map((failure) => `        ${failure}`),
  ].join('\n');

const total = (runs: readonly SeedRun[]): string => {
  const failed = runs.filter(({ failures }) => failures.length > 0).length;
  return `${runs.length - failed} passed, ${failed} failed`;
};

function pageOf(runs: readonly SeedRun[], seeds: readonly number[], orders: number, args: readonly string[]) {
  return {
    path: 'docs/reports/chaos.md',
    title: 'Chaos',
    command: ['npm run verify -- chaos', ...args].join(' '),
    about: `${runs.length} of ${seeds.length} seeds ran with ${orders} random orders each over HTTP, while services, the broker, PostgreSQL and the whole stack were killed with SIGKILL. After each seed, every order has ended, the books balance by SQL over the events, and each order has one mail.`,
    columns: ['seed', 'minutes', 'kills', 'by part', 'outcomes', 'violations'],
    rows: runs.map(({ seed, minutes, report, failures }) => [
      seed,
      minutes.toFixed(2),
      report?.kills.length ?? 0,
      report === undefined ? '' : killsByPart(report),
      report === undefined ? '' : outcomesOf(report),
      failures.length,
    ]),
    closing: [
      ...runs.flatMap(({ seed, failures }) => failures.map((failure) => `seed ${seed}: ${failure}`)),
      total(runs),
    ],
  };
}
