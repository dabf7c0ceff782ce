import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { sharedNxCache } from './cache.ts';

/** A command of a run. The run continues after a failed stage, so that it reports every problem. */
export interface Stage {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** True if the stages that run at the same time get the CPU first. */
  readonly yields?: boolean;
}

/** A stage, or several that run at the same time or one after the other. */
export type Step = Stage | { readonly together: readonly Step[] } | { readonly inTurn: readonly Step[] };

export interface StageOutcome {
  readonly name: string;
  readonly succeeded: boolean;
  readonly minutes: number;
  /**
   * The share of the machine's CPU time that was in use. Two stages at the same time both count all
   * of it.
   */
  readonly cpuShare: number;
}

interface Targets {
  readonly targets: readonly string[];
  readonly projects?: readonly string[];
  readonly exclude?: readonly string[];
  /**
   * The number of targets that Nx runs at a time. A target with `"parallelism": false` still runs
   * alone.
   */
  readonly parallel: number;
  readonly yields?: boolean;
}

/** The packages of the workspace, of which a fork may have fewer. */
const existing: ReadonlySet<string> = new Set(
  globSync('{apps,libs,test}/*/package.json', { cwd: workspace }).map(
    (path) => (JSON.parse(readFileSync(join(workspace, path), 'utf8')) as { readonly name: string }).name,
  ),
);

const names = (projects: readonly string[]): string =>
  projects
    .map((name) => `@millrace/${name}`)
    .filter((name) => existing.has(name))
    .join(',');

/** Without the check, Nx would take an empty list of projects for all of them. */
const nx = (name: string, targets: Targets): Step =>
  targets.projects !== undefined && names(targets.projects) === '' ? { inTurn: [] } : nxStage(name, targets);

const nxStage = (name: string, { targets, projects, exclude, parallel, yields }: Targets): Stage => ({
  name,
  yields,
  command: 'nx',
  arguments: [
    'run-many',
    `--targets=${targets.join(',')}`,
    `--parallel=${parallel}`,
    '--outputStyle=static',
    ...(projects === undefined ? [] : [`--projects=${names(projects)}`]),
    ...(exclude === undefined ? [] : [`--exclude=${names(exclude)}`]),
  ],
});

const install = (name: string, program: string): Stage => ({
  name,
  command: 'node',
  arguments: [`tools/install/${program}.ts`],
});

/** What a new machine lacks for the tests of CI and for those on Apache Kafka. */
const programs: readonly Stage[] = [
  install('programs that the tests need', 'test-tools'),
  install('programs that the tests on Apache Kafka need', 'kafka'),
  install('programs that the foreign clients need', 'conformance'),
];

const bundles: Stage = {
  name: 'bundles of the programs that the tests start',
  command: 'node',
  arguments: ['tools/bundles/bundle-all.ts'],
};

/** The targets that take seconds and need only the embedded engines. */
const quickTargets = ['format', 'lint', 'unused', 'types', 'test', 'test-int', 'test-e2e'];

/** The stages of `npm test`. */
export const testStages: readonly Step[] = [
  install('programs that the tests need', 'test-tools'),
  bundles,
  nx('format, lint, types, unit, integration and end-to-end tests', {
    targets: quickTargets,
    parallel: 2,
  }),
];

/**
 * Projects whose long tests mostly wait for JVMs, elections and timeouts. Their assertions hold at
 * any speed.
 */
const patient = [
  'operations-suite',
  'replication',
  'conformance',
  'streams',
  'streams-oracle',
  'stack',
  'capture',
  'schema-oracle',
];

/** These suites start whole systems. The last one also compiles copies of the workspace. */
const longest = ['e2e', 'guides', 'forking'];

/**
 * The stages of `npm run ci`: those of `npm test`, and tests that take minutes or need Apache Kafka,
 * containers or foreign clients. Two lists of stages run side by side, so that one works while the other
 * waits. One has the containers and then the longest tests, the other one the rest. All yield to the
 * containers, because the kernel's scheduler treats them as one process, and a dozen services would starve.
 *
 * The console's journeys come after the containers: Chromium gives up its requests (ERR_NETWORK_CHANGED)
 * when containers join the machine's network.
 *
 * Tests with time limits come last and run alone. Running more at a time would take longer, since
 * on two cores four whole systems spend their time on polls, timeouts and retries.
 */
export const ciStages: readonly Step[] = [
  ...programs,
  bundles,
  {
    together: [
      {
        inTurn: [
          nx('containers', { targets: ['test-ci'], projects: ['containers'], parallel: 1 }),
          nx('long end-to-end tests and guides', {
            targets: ['test-ci', 'test-documents'],
            projects: longest,
            parallel: 1,
            yields: true,
          }),
        ],
      },
      {
        inTurn: [
          nx(
            'format, lint, types, unit, integration and end-to-end tests, on Apache Kafka too, mutants, alert rules',
            {
              targets: [...quickTargets, 'test-on-kafka', 'test-kafka', 'mutants', 'alert-rules'],
              parallel: 2,
              yields: true,
            },
          ),
          nx('other long tests that mostly wait', {
            targets: ['test-ci', 'test-documents'],
            projects: patient,
            parallel: 2,
            yields: true,
          }),
        ],
      },
    ],
  },
  nx('long tests with time limits', {
    targets: ['test-ci'],
    exclude: ['containers', ...longest, ...patient],
    parallel: 1,
  }),
];

/** The suites that use the log, on Apache Kafka. CI runs only the first two targets. */
export const kafkaStages: readonly Step[] = [
  ...programs,
  nx('on Apache Kafka', {
    targets: ['test-on-kafka', 'test-kafka', 'verify-on-kafka', 'verify-kafka'],
    parallel: 1,
  }),
];

/** Runs the steps in order. */
export async function runStages(steps: readonly Step[]): Promise<readonly StageOutcome[]> {
  const outcomes: StageOutcome[] = [];
  for (const step of steps) outcomes.push(...(await runStep(step)));
  return outcomes;
}

async function runStep(step: Step): Promise<readonly StageOutcome[]> {
  if ('inTurn' in step) return runStages(step.inTurn);
  if ('together' in step) return (await Promise.all(step.together.map(runStep))).flat();
  return [await runStage(step)];
}

async function runStage(stage: Stage): Promise<StageOutcome> {
  process.stdout.write(`\n=== ${stage.name}\n`);
  const startedAt = performance.now();
  const cpuBefore = cpuTimes();
  const succeeded = (await run(stage)) === 0;
  const minutes = (performance.now() - startedAt) / 60_000;
  const cpuAfter = cpuTimes();
  const all = cpuAfter.all - cpuBefore.all;
  const cpuShare = all === 0 ? 0 : (cpuAfter.busy - cpuBefore.busy) / all;
  process.stdout.write(
    `\n=== ${stage.name}: ${succeeded ? 'ok' : 'FAILED'} after ${minutes.toFixed(1)} min\n`,
  );
  return { name: stage.name, succeeded, minutes, cpuShare };
}

/** The CPU time of all cores since the system started, in milliseconds. */
function cpuTimes(): { readonly busy: number; readonly all: number } {
  let busy = 0;
  let all = 0;
  for (const { times } of cpus()) {
    const total = times.user + times.nice + times.sys + times.irq + times.idle;
    all += total;
    busy += total - times.idle;
  }
  return { busy, all };
}

function run({ command, arguments: args, yields = false }: Stage): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn('nice', ['-n', yields ? '10' : '0', command, ...args], {
      cwd: workspace,
      stdio: 'inherit',
      env: { ...process.env, NX_TUI: 'false', ...sharedNxCache },
    });
    child.once('error', () => resolve(127));
    child.once('close', (code) => resolve(code ?? 1));
  });
}
