import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder, WorkspaceCopy } from '../../test/forking/src/workspace-copy.ts';
import { writeVerified } from '../ci/verified.ts';
import { commit, lastLineOf, runLogged, writePage, type LongRun } from './long-run.ts';

interface Step {
  readonly name: string;
  /** Runs the step with its output in a file, and returns its last line. Rejects if the step fails. */
  run(log: string): Promise<string>;
}

/** A fork, and what is done to it. */
interface Part {
  readonly title: string;
  readonly about: string;
  /** The promise of docs/GUARANTEES.md that the part proves, with its id. */
  readonly promise?: string;
  steps(folder: string): readonly Step[];
}

const newProject = ['npm', 'run', 'new', '--', 'project', 'acme', '--in'];
/** Nx would replay what an earlier fork of the same name has passed. */
const ownTests = ['env', 'NX_SKIP_NX_CACHE=true', 'npm', 'test'];

/** Every part that can be generated, each beside those before it. */
const generated = [
  ['service', 'billing'],
  ['saga', 'hire', '--in', 'loyalty'],
  ['step', 'pay', '--saga', 'hire', '--by', 'billing', '--unreleased'],
  ['read-model', 'board', '--in', 'loyalty'],
  ['stream-app', 'openings'],
];

const parts: Readonly<Record<string, Part>> = {
  whole: {
    title: 'A fork of the whole platform',
    about:
      'A fork with a name of its own runs all of its own tests, and then again without its notification service.',
    steps: (folder) => [
      command('new project', [...newProject, folder]),
      command('its packages', ['npm', 'ci'], folder),
      command('its tests', ownTests, folder),
      command('removal', ['npm', 'run', 'remove', '--', 'service', 'notification'], folder),
      command('its reference', ['npm', 'run', 'reference'], folder),
      command('its tests without notification', ownTests, folder),
    ],
  },
  empty: {
    title: 'A project without the shop',
    about:
      'A fork with one generated service instead of the shop starts and answers, and runs all of its own tests, also ' +
      'those of parts that are generated in it.',
    promise: 'F06 a project without the shop starts, answers, and passes its own tests',
    steps: (folder) => [
      command('new project', [...newProject, folder, '--empty', 'loyalty', '--entity', 'card']),
      command('its packages', ['npm', 'ci'], folder),
      { name: 'its start', run: (log) => startAndAsk(folder, log) },
      ...generated.map((words) => command(`new ${words[0]}`, ['npm', 'run', 'new', '--', ...words], folder)),
      command('its reference', ['npm', 'run', 'reference'], folder),
      command('its tests', ownTests, folder),
    ],
  },
};

/** Makes forks as docs/FORKING.md says, and runs what they are made for: their own tests. */
export const forking: LongRun = {
  summary:
    '[--part whole|empty]: forks by npm run new -- project, with npm ci and npm test, whole and without ' +
    'the shop; writes docs/reports/forking-PART.md',
  async main(args) {
    const { values } = parseArgs({ args: [...args], options: { part: { type: 'string' } } });
    const chosen = Object.entries(parts).filter(([name]) => name === (values.part ?? name));
    if (chosen.length === 0)
      throw new Error(`--part ${values.part}: give ${Object.keys(parts).join(' or ')}`);
    const onCommit = commit();
    let passed = true;
    for (const [name, part] of chosen) passed = (await passes(name, part, onCommit)) && passed;
    return passed;
  },
};

async function passes(name: string, part: Part, onCommit: string): Promise<boolean> {
  const startedAt = new Date();
  const page = {
    path: `docs/reports/forking-${name}.md`,
    title: part.title,
    command: `npm run verify -- forking --part ${name}`,
    about: part.about,
  };
  const rows: (readonly string[])[] = [];
  const parent = await temporaryFolder('forking');
  for (const step of part.steps(join(parent, 'acme'))) {
    const { minutes, passed, result } = await timed(
      step,
      `tmp/forking-${name}-${step.name.replaceAll(' ', '-')}.log`,
    );
    process.stdout.write(`${minutes.padStart(6)} min  ${step.name}: ${result}\n`);
    rows.push([step.name, minutes, result]);
    const closing = passed ? [] : [`The fork is kept in ${parent}`];
    writePage({ ...page, columns: ['step', 'minutes', 'result'], rows, closing }, startedAt, onCommit);
    if (!passed) return false;
  }
  rmSync(parent, { recursive: true });
  if (part.promise !== undefined)
    writeVerified([resultOf(name, page.path, part.promise, startedAt)], onCommit);
  return true;
}

/** The entry of a part that passed in test/records/verified.json. */
const resultOf = (name: string, file: string, promise: string, startedAt: Date) => ({
  target: `verify:forking-${name}`,
  succeeded: true,
  minutes: (Date.now() - startedAt.getTime()) / 60_000,
  finishedAt: new Date().toISOString(),
  passed: 1,
  failed: 0,
  skipped: 0,
  broken: [],
  tests: [{ file, name: promise, status: 'passed' }],
});

async function timed(step: Step, log: string) {
  const startedAt = performance.now();
  const ended = await step.run(log).then(
    (result) => ({ passed: true, result }),
    (error: Error) => ({ passed: false, result: `FAILED: ${lastLineOf(error.message)} (${log})` }),
  );
  return { minutes: ((performance.now() - startedAt) / 60_000).toFixed(1), ...ended };
}

const command = (name: string, [program = '', ...args]: readonly string[], folder?: string): Step => ({
  name,
  async run(log) {
    const { passed, output } = await runLogged(program, args, log, folder);
    if (!passed) throw new Error(lastLineOf(output));
    return lastLineOf(output);
  },
});

const basePort = 24_600;
const startMsMax = 10 * 60_000;

/** Asks the service and the command line of the started project, and stops it as Ctrl-C does. */
async function startAndAsk(folder: string, log: string): Promise<string> {
  const project = WorkspaceCopy.at(folder);
  const system = project.start('npm', ['start', '--silent', '--', '--base-port', String(basePort)]);
  const limit = setTimeout(() => system.interrupt(), startMsMax);
  try {
    const printed = await system.prints('Ctrl-C stops everything');
    const [, url = ''] = /^loyalty +(http:\S+)/m.exec(printed) ?? [];
    const { status } = await fetch(`${url}/cards`);
    if (status !== 200) throw new Error(`GET ${url}/cards was answered with ${status}`);
    const asked = await project.run('npm', ['run', '--silent', 'acme', '--', 'status']);
    if (asked.code !== 0) throw new Error(lastLineOf(asked.output));
  } finally {
    clearTimeout(limit);
    system.interrupt();
    writeFileSync(log, (await system.ended).output);
  }
  return 'the service and the command line answer';
}
