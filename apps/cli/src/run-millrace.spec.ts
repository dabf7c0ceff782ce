import { describe, expect, it } from '@jest/globals';
import { millrace } from './cli.fixture.ts';
import { isGroup, type CommandDefinition } from './command/command.ts';
import { commands } from './commands.ts';

const all: ReadonlyArray<readonly [string, CommandDefinition]> = commands.flatMap((entry) =>
  isGroup(entry)
    ? entry.commands.map((one) => [`${entry.name} ${one.name}`, one] as const)
    : [[entry.name, entry] as const],
);

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
