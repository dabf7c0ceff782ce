import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';
import { until, type StackPlaces } from '@millrace/test-support/stack';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const page = join(import.meta.dirname, '../../../../docs/operations/what-to-do.md');

/**
 * The command lines that an entry of the runbook shows in code spans, such as
 * `dlq redrive ID --reason TEXT`. `words` are the names of the commands.
 */
function commandsOfEntry(entry: string, words: ReadonlySet<string>): readonly string[] {
  const section = readFileSync(page, 'utf8')
    .split(/^(?=#+ )/m)
    .find((text) => text.startsWith(`### ${entry}\n`));
  if (section === undefined) throw new Error(`docs/operations/what-to-do.md has no entry ${entry}`);
  return [
    ...new Set(
      [...section.matchAll(/`([^`]+)`/g)]
        .map(([, span = '']) => span)
        .filter((span) => words.has(span.split(' ')[0] ?? '')),
    ),
  ];
}

/** The names in the list of commands that `millrace --help` prints. */
const commandWordsIn = (help: string): ReadonlySet<string> =>
  new Set([...(help.split('Commands:')[1] ?? '').matchAll(/^ {2}([a-z]+)/gm)].map(([, word = '']) => word));

/** What stands for the words in capitals of a command line, such as `ID`. */
type Values = Readonly<Record<string, string>>;

/** Splits a command line into words as a shell does, and puts values in place of those in capitals. */
function wordsOf(line: string, values: Values): readonly string[] {
  const names = Object.keys(values);
  const placeholder = new RegExp(`\\b(${names.join('|')})\\b`, 'g');
  const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare = '']) => quoted ?? bare);
  const left = words.filter((word) => /^[A-Z]+$/.test(word) && !names.includes(word));
  if (left.length > 0) throw new Error(`${line}: no value for ${left.join(', ')}`);
  return words.map((word) =>
    names.length === 0 ? word : word.replace(placeholder, (name) => values[name] ?? ''),
  );
}

/** Runs command lines of the runbook's entries as the page shows them. */
interface Operator {
  /** Resolves to what it prints. Rejects if no entry of the story shows this line. */
  run(line: string, values?: Values): Promise<string>;
  /** Runs it with `--json`. */
  json<Result>(line: string, values?: Values): Promise<Result>;
}

type Story = (operator: Operator) => Promise<void>;

/**
 * Declares the test of some entries. It fails if the story runs a command that they do not show, or
 * leaves out one that they show.
 */
export function follows(
  entries: readonly string[],
  title: string,
  stack: () => StackPlaces,
  story: Story,
): void {
  it(`${entries.join(', ')}: ${title}`, async () => {
    const words = commandWordsIn(await millrace(['--help']));
    const shown = new Set(entries.flatMap((entry) => commandsOfEntry(entry, words)));
    const done = new Set<string>();
    const run = (line: string, values: Values, ...further: readonly string[]) => {
      if (!shown.has(line)) throw new Error(`${entries.join(' and ')} do not show the command ${line}`);
      done.add(line);
      const asked = isAsked(line) ? ['--yes'] : [];
      return millrace([...wordsOf(line, values), ...asked, ...further, '--data', stack().dataFolder]);
    };
    await story({
      run: (line, values = {}) => run(line, values),
      json: async (line, values = {}) => JSON.parse(await run(line, values, '--json')) as never,
    });
    expect([...shown].filter((line) => !done.has(line))).toEqual([]);
  });
}

/** A person answers these with y. */
const isAsked = (line: string): boolean =>
  /^(dlq (redrive|discard)|parked give-up|offsets reset|connectors delete) /.test(line);

/** `status` exits with 1 while something is wrong. */
const mayFindProblems = ([word]: readonly string[]): boolean => word === 'status';

async function millrace(args: readonly string[]): Promise<string> {
  const command = [...programCommand('apps/cli/src/main.ts'), ...args];
  const options = { env: programEnvironment(), maxBuffer: 16 * 1024 * 1024 };
  try {
    return (await promisify(execFile)(process.execPath, command, options)).stdout;
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    if (code === 1 && mayFindProblems(args)) return stdout;
    throw new Error(`millrace ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`, { cause: error });
  }
}

const changeMsMax = 60_000;

interface Readiness {
  readonly status: string;
  readonly checks: {
    readonly alarms?: { readonly details?: { readonly active?: readonly { readonly alarm: string }[] } };
  };
}

async function readiness(stack: StackPlaces, process: string): Promise<Readiness | undefined> {
  try {
    return (await (await fetch(`${stack.instances[process]}/readyz`)).json()) as Readiness;
  } catch {
    return undefined; // it does not answer at all
  }
}

/** Waits until a process has raised an alarm, or has cleared it. */
export async function alarm(
  stack: StackPlaces,
  process: string,
  name: string,
  is: 'raised' | 'cleared',
): Promise<void> {
  await until(`alarm ${name} of ${process} to be ${is}`, changeMsMax, async () => {
    const found = await readiness(stack, process);
    const active = found?.checks.alarms?.details?.active?.some((one) => one.alarm === name);
    return active === (is === 'raised');
  });
}

/** Waits until a process has this status: `ready` or `unhealthy`. */
export const hasStatus = (stack: StackPlaces, process: string, status: string): Promise<void> =>
  until(
    `${process} to be ${status}`,
    changeMsMax,
    async () => (await readiness(stack, process))?.status === status,
  );

/** Waits until the sum of the series of a process' metric meets a condition, which is that of an alert rule. */
export async function figure(
  stack: StackPlaces,
  process: string,
  series: RegExp,
  meets: (sum: number) => boolean,
): Promise<void> {
  let found: number | undefined;
  await until(
    () => `${series.source} of ${process}, which is ${found}`,
    changeMsMax,
    async () => {
      const text = await (await fetch(`${stack.instances[process]}/metrics`)).text();
      const samples = text.split('\n').filter((line) => series.test(line));
      found = samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
      return samples.length > 0 && meets(found);
    },
  );
}
