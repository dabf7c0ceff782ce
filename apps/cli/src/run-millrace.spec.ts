import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@millrace/streaming-core/runtime';
import { millrace } from './cli.fixture.ts';
import {
  isGroup,
  type Call,
  type CommandDefinition,
  type CommandEntry,
  type Session,
} from './command/command.ts';
import { commands } from './commands.ts';
import { runMillrace } from './run-millrace.ts';

const all: ReadonlyArray<readonly [string, CommandDefinition]> = commands.flatMap((entry) =>
  isGroup(entry)
    ? entry.commands.map((one) => [`${entry.name} ${one.name}`, one] as const)
    : [[entry.name, entry] as const],
);

/** A workspace without a stack. It has the files that the examples name. */
const nowhere = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
writeFileSync(join(nowhere, 'user-events-to-postgres.json'), '{"name":"rows","config":{}}');
writeFileSync(join(nowhere, 'user-event.avsc'), '"string"');
afterAll(() => rmSync(nowhere, { recursive: true, force: true }));

/** The arguments that a shell makes of an example: words and quoted texts, up to a redirection. */
const wordsOf = (example: string): readonly string[] =>
  [...(example.split(' >> ')[0] ?? '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, word]) => double ?? single ?? word ?? '',
  );

/** The same command, whose arguments and options are parsed and then only noted. */
function withRun(entry: CommandEntry, note: (call: Call) => void): CommandEntry {
  const noting = (one: CommandDefinition): CommandDefinition => ({
    ...one,
    run: (call) => Promise.resolve(void note(call)),
  });
  return isGroup(entry) ? { ...entry, commands: entry.commands.map(noting) } : noting(entry);
}

const silent = () => undefined;
const surroundings = (): Session => ({
  terminal: {
    out: silent,
    err: silent,
    draw: silent,
    columns: undefined,
    interactive: false,
    ask: () => Promise.resolve(undefined),
    async *lines() {},
  },
  environment: {},
  workspace: nowhere,
  clock: systemClock,
  signal: new AbortController().signal,
});

describe('the command line', () => {
  it.each(all)('shows an example in the help of %s', async (path, { examples, summary }) => {
    const { exitCode, out } = await millrace([...path.split(' '), '--help']);
    expect(exitCode).toBe(0);
    expect(out).toContain(summary.split(' ').slice(0, 3).join(' '));
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(example.startsWith(path)).toBe(true);
    for (const example of examples) expect(out).toContain(`npm run millrace -- ${example}`);
    expect(out).toContain('--json');
  });

  it.each(all.flatMap(([path, { examples }]) => examples.map((example) => [example, path] as const)))(
    'takes its example: %s',
    async (example, path) => {
      const args = wordsOf(example);
      const parsed: Array<readonly string[]> = [];
      const parsing = commands.map((entry) => withRun(entry, ({ args: given }) => parsed.push(given)));
      expect(await runMillrace(parsing, args, surroundings())).toBe(0);
      expect(parsed).toHaveLength(1);
      // These examples look at this machine, and at a system that is not there.
      if (path === 'doctor' || (path === 'status' && args.length > 1)) return;
      const { exitCode, err } = await millrace(args, { environment: {}, workspace: nowhere, answers: ['y'] });
      expect(`${exitCode} ${err}`).toMatch(
        /^0 |^1 [^]*(no stack runs on|no (connect|registry) runs here)|^1 $/,
      );
    },
    20_000,
  );

  it.each([
    [['sagas', 'show', 'a\ufffd'], '<saga> is not valid UTF-8'],
    [['sagas', 'show', 'a\u001b[2J'], '<saga> contains the control character U+001B after 1 characters'],
    [
      ['topics', 'create', 'tea\u0000pot', '--partitions', '1'],
      '<topic> contains the control character U+0000',
    ],
    [['topics', 'list', '--bootstrap', 'a\nb:1'], '--bootstrap contains the control character U+000A'],
    [['topics', 'create', 'a', '--config', 'x=\u0007'], '--config contains the control character U+0007'],
    [
      ['parked', 'retry', 'order', '1', '--reason', 'a\u202eb'],
      '--reason contains the control character U+202E',
    ],
    [['parked', 'retry', 'order', '1', '--reason', 'x', '--actor', 'a\tb'], '--actor contains the control'],
    [['sql', 'order', '-c', 'SELECT\u0000'], '--command contains the control character U+0000'],
  ])('refuses what nobody can read: %j', async (args, problem) => {
    const { exitCode, err } = await millrace(args, { environment: {}, workspace: nowhere });
    expect(exitCode).toBe(2);
    expect(err).toContain(problem);
  });

  it('takes a statement of several lines', async () => {
    const { err } = await millrace(['sql', 'order', '-c', 'SELECT\n\t1'], {
      environment: {},
      workspace: nowhere,
    });
    expect(err).toContain('no stack runs on');
  });

  it('shows all commands without arguments and with --help', async () => {
    const help = await millrace(['--help']);
    expect(help.exitCode).toBe(0);
    for (const { name } of commands) expect(help.out).toContain(name);
    expect((await millrace([])).exitCode).toBe(0);
  });

  it.each([
    [['topics', 'lst'], 'Did you mean list?'],
    [['topicz'], "unknown command 'topicz'"],
    [['messages'], "missing required argument 'topic'"],
    [['topics', 'list', '--intern'], "unknown option '--intern'"],
    [['lag', 'a', 'b'], 'too many arguments'],
    [['topics', 'list', '--bootstrap', ''], '--bootstrap is empty'],
    [['topics', 'list', '--bootstrap', 'nowhere'], 'nowhere is no list of brokers: give HOST:PORT'],
  ])('refuses %j with exit code 2', async (args, problem) => {
    const { exitCode, out, err } = await millrace(args);
    expect({ exitCode, out }).toEqual({ exitCode: 2, out: '' });
    expect(err).toContain(problem);
  });

  it.each([
    [['messages'], 'messages --help'],
    [['sagas', 'show'], 'sagas show --help'],
    [['sagas', 'shwo'], 'sagas --help'],
    [['topicz'], '-- --help'],
  ])('names the help of what %j calls', async (args, help) => {
    expect((await millrace(args)).err).toMatch(new RegExp(`^Help: .* ${help}$`, 'm'));
  });
});
