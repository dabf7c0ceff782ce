import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { jestCommand } from '../ci/jest-command.ts';
import { WorkspaceCopy } from '../../test/forking/src/workspace-copy.ts';
import { mutants, type Mutant } from '../../test/mutants/src/mutants.ts';
import { isCommitted, isKnown, readCommitted, remember, writeCommitted } from './caught-mutants.ts';
import { commit, writePage, type LongRun } from './long-run.ts';
import { startTestServers, type TestServers } from './test-servers.ts';

interface Verdict {
  readonly mutant: Mutant;
  /**
   * `survived`: the test passed in spite of the fault. `broke`: it did not run, or it failed but
   * not by an assertion.
   */
  readonly outcome: 'caught' | 'survived' | 'broke';
  readonly seconds: number;
  readonly said: string;
}

/** Puts one fault after the other into a copy of the workspace and runs the test that must then fail. */
export const mutantsRun: LongRun = {
  summary:
    '[--only PART OF A NAME] [--changed]: puts in each fault that a named test must catch, and writes docs/reports/mutants.md and mutants-caught.json; --changed skips faults that were caught before with the same sources',
  async main(args) {
    const options = {
      only: { type: 'string', default: '' },
      changed: { type: 'boolean', default: false },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const named = mutants.filter(({ name }) => name.includes(values.only));
    if (named.length === 0) throw new Error(`no mutant has "${values.only}" in its name`);
    const committed = readCommitted();
    const stale = values.changed ? named.filter((mutant) => !isKnown(mutant, committed)) : named;
    const wanted = values.changed && process.env.CI ? sampleOf(stale) : stale;
    const startedAt = new Date();
    const onCommit = commit();
    const verdicts = wanted.length === 0 ? [] : await judgeAll(wanted);
    const missed = verdicts.filter(({ outcome }) => outcome !== 'caught');
    const isRecorded = mutants.every((mutant) => isCommitted(mutant, committed));
    // CI leaves the checkout as it is.
    if (named.length === mutants.length && !(values.changed && isRecorded) && !process.env.CI) {
      writePage(pageOf(missed), startedAt, onCommit);
      const caught = mutants.filter((mutant) => !missed.some((verdict) => verdict.mutant === mutant));
      writeCommitted(caught, startedAt);
    }
    const known = named.length - stale.length;
    const left = stale.length - wanted.length;
    if (known > 0)
      process.stdout.write(
        `${known} mutants were caught before with the same sources, on this machine or on ${committed.at}\n`,
      );
    if (left > 0)
      process.stdout.write(
        `${left} other mutants with changed sources were not judged: npm run verify -- mutants --changed does it\n`,
      );
    process.stdout.write(`${total(verdicts, known)}\n`);
    return missed.length === 0;
  },
};

/** CI judges at most this many. A change of what all tests import makes all of them stale, which takes 20 minutes. */
const inCiMax = 12;

/** Takes mutants from all over the list, other ones each day. */
function sampleOf(stale: readonly Mutant[]): readonly Mutant[] {
  const step = Math.ceil(stale.length / inCiMax);
  const today = Math.floor(Date.now() / 86_400_000) % step;
  return stale.filter((_, index) => index % step === today);
}

/**
 * Judges mutants in two copies side by side, or a few in one. Each copy has its own servers, so that a run in
 * the other copy cannot hide a mutant.
 */
async function judgeAll(wanted: readonly Mutant[]): Promise<readonly Verdict[]> {
  const benches: Bench[] = [];
  try {
    for (const name of wanted.length > inCiMax ? ['mutants', 'mutants-2'] : ['mutants'])
      benches.push({ copy: await WorkspaceCopy.make(name), servers: await startTestServers() });
    const sound = await testsThatPass(benches, wanted);
    return await inTurns(benches, wanted, async (bench, mutant) => {
      const verdict = sound.has(mutant) ? await judge(bench, mutant) : unsound(mutant);
      if (verdict.outcome === 'caught') remember(mutant);
      process.stdout.write(`${inWords(verdict)}\n`);
      return verdict;
    });
  } finally {
    await Promise.all(benches.map(({ servers }) => servers.stop()));
    await Promise.all(benches.map(({ copy }) => copy.remove()));
  }
}

interface Bench {
  readonly copy: WorkspaceCopy;
  readonly servers: TestServers;
}

/** Lets each worker take the next item. The results are in the order of the items. */
async function inTurns<Worker, Item, Result>(
  workers: readonly Worker[],
  items: readonly Item[],
  work: (worker: Worker, item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const takeAll = async (worker: Worker) => {
    for (const [index, item] of left) results[index] = await work(worker, item);
  };
  // The caller removes what the workers use, so none may still be at work when this rejects.
  for (const ended of await Promise.allSettled(workers.map(takeAll)))
    if (ended.status === 'rejected') throw ended.reason;
  return results;
}

interface TestResult {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

/** A run of some tests of one project. */
interface JestResult {
  /** Jest's messages about files that it could not run. */
  readonly problems: string;
  readonly tests: ReadonlyArray<TestResult & { readonly file: string }>;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** The pattern of the test's name, with `.+` for each placeholder of `it.each`. */
const patternOf = ({ test }: Mutant): string => escaped(test.name).replace(/%[sdij]/g, '.+');
const projectOf = (file: string): string => file.split('/', 2).join('/');
const configOf = (file: string): string =>
  file.endsWith('.int.spec.ts') ? 'jest.int.config.mjs' : 'jest.config.mjs';

/**
 * The limit for one run. A mutant may loop forever, in which case Jest's own limits do not apply.
 */
const testsMsMax = 300_000;

async function runTests({ copy, servers }: Bench, of: readonly Mutant[]): Promise<JestResult> {
  const [{ test } = { test: { file: '' } }] = of;
  const report = join(copy.folder, 'tmp/mutant.json');
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const files = [...new Set(of.map((each) => join(copy.folder, each.test.file)))];
  const options = [
    '--json',
    '--outputFile',
    report,
    // Several tests may hang, so each has less time than usual.
    ...(test.file.endsWith('.int.spec.ts') ? ['--testTimeout', '60000'] : []),
    '-t',
    of.map(patternOf).join('|'),
    '--runTestsByPath',
    ...files,
  ];
  const env = {
    ...jestCommand.environment,
    CI: 'true',
    FORCE_COLOR: '0',
    ...servers.environment,
    MILLRACE_TEST_WAIT_MS_MAX: '4000',
  };
  const jest = join(copy.folder, 'node_modules/jest/bin/jest.js');
  const { output } = await copy.run(process.execPath, [jest, '-c', configOf(test.file), ...options], {
    folder: projectOf(test.file),
    env,
    timeoutMs: testsMsMax,
  });
  if (!existsSync(report)) return { problems: output, tests: [] };
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as {
    testResults: ReadonlyArray<{ name: string; message: string; assertionResults: readonly TestResult[] }>;
  };
  return {
    problems: testResults.map(({ message }) => message).join('\n'),
    tests: testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter(({ status }) => status !== 'pending')
        .map((result) => ({ ...result, file: name })),
    ),
  };
}

const resultsOf = (mutant: Mutant, copy: WorkspaceCopy, { tests }: JestResult): readonly TestResult[] =>
  tests.filter(
    ({ file, fullName }) =>
      file === join(copy.folder, mutant.test.file) && new RegExp(patternOf(mutant)).test(fullName),
  );

/**
 * Runs the tests without a fault first, those of a project together. A test that already fails
 * proves nothing.
 */
async function testsThatPass(
  benches: readonly Bench[],
  wanted: readonly Mutant[],
): Promise<ReadonlySet<Mutant>> {
  const groups = Object.values(
    Object.groupBy(wanted, ({ test: { file } }) => `${projectOf(file)} ${configOf(file)}`),
  );
  const sound = await inTurns(benches, groups, async (bench, group = []) => {
    const result = await runTests(bench, group);
    return group.filter((mutant) => {
      const own = resultsOf(mutant, bench.copy, result);
      return own.length > 0 && own.every(({ status }) => status === 'passed');
    });
  });
  return new Set(sound.flat());
}

const unsound = (mutant: Mutant): Verdict => ({
  mutant,
  outcome: 'broke',
  seconds: 0,
  said: 'its test is missing or fails without the fault',
});

async function judge(bench: Bench, mutant: Mutant): Promise<Verdict> {
  const startedAt = performance.now();
  const path = join(bench.copy.folder, mutant.file);
  const sound = readFileSync(path, 'utf8');
  if (sound.split(mutant.replace).length !== 2)
    return { mutant, outcome: 'broke', seconds: 0, said: `its text does not occur once in ${mutant.file}` };
  try {
    writeFileSync(
      path,
      sound.replace(mutant.replace, () => mutant.by),
    );
    const result = await runTests(bench, [mutant]);
    return {
      mutant,
      ...verdictOn(resultsOf(mutant, bench.copy, result), result),
      seconds: (performance.now() - startedAt) / 1_000,
    };
  } finally {
    writeFileSync(path, sound);
  }
}

/**
 * Matches the failure of an expectation, an assert, a property or a wait. Any other end of a test
 * says nothing about the fault.
 */
const assertion =
  /expect\(|AssertionError|assert\.\w+\(|Expected value|Property failed after|waited \d+ ms for/;

function verdictOn(
  results: readonly TestResult[],
  { problems }: JestResult,
): Pick<Verdict, 'outcome' | 'said'> {
  if (results.length === 0) return { outcome: 'broke', said: `its test did not run: ${firstLine(problems)}` };
  const failures = results
    .filter(({ status }) => status === 'failed')
    .map(({ failureMessages }) => failureMessages.join('\n'));
  if (failures.length === 0) return { outcome: 'survived', said: 'its test passes in spite of the fault' };
  const asserted = failures.find((failure) => assertion.test(failure));
  return asserted === undefined
    ? {
        outcome: 'broke',
        said: `its test failed, but not by an assertion: ${firstLine(failures.join('\n'))}`,
      }
    : { outcome: 'caught', said: firstLine(asserted) };
}

const firstLine = (text: string): string =>
  text
    .split('\n')
    .find((line) => line.trim() !== '')
    ?.trim()
    .slice(0, 200) ?? '';

const inWords = ({ mutant, outcome, seconds, said }: Verdict): string =>
  `${outcome.padEnd(8)} ${seconds.toFixed(1).padStart(6)} s  ${mutant.name}${outcome === 'caught' ? '' : `: ${said}`}`;

function total(verdicts: readonly Verdict[], known = 0): string {
  const caught = verdicts.filter(({ outcome }) => outcome === 'caught').length;
  return `${known + caught} passed, ${verdicts.length - caught} failed`;
}

function pageOf(missed: readonly Verdict[]) {
  const packages = [...new Set(mutants.map(({ file }) => projectOf(file)))].sort();
  const isOf = (name: string, { file }: Mutant) => projectOf(file) === name;
  return {
    path: 'docs/reports/mutants.md',
    title: 'Mutants',
    command: 'npm run verify -- mutants',
    about:
      'Each fault is put into a copy of the workspace. A named test passes without the fault and must fail with it, by an assertion of its own. `test/mutants/src` lists the faults with their tests. With `--changed`, a fault counts as caught that was caught before with the same sources.',
    columns: ['faults in', 'faults', 'caught'],
    rows: packages.map((name) => {
      const faults = mutants.filter((mutant) => isOf(name, mutant)).length;
      return [`\`${name}\``, faults, faults - missed.filter(({ mutant }) => isOf(name, mutant)).length];
    }),
    closing: [...missed.map(inWords), `${mutants.length - missed.length} passed, ${missed.length} failed`],
  };
}
