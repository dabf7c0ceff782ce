import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { usersPath } from '@millrace/testing/users-path';
import { commands, problemOf } from './commands.ts';
import { filesEndingIn, readText, workspace } from './workspace.ts';

const askingForHelp = [
  ...new Set([
    ...commands.map(({ line }) => line).filter((line) => line.endsWith(' --help')),
    'npm run verify -- --help',
  ]),
];

describe('the commands in the documents', () => {
  it('W05 exist, and run on any Node that the README allows', () => {
    expect(commands.length).toBeGreaterThan(50);
    const problems = commands.flatMap(({ page, line }) => {
      const problem = problemOf(line);
      return problem === undefined ? [] : [`${page}: ${line}: ${problem}`];
    });
    expect(problems).toEqual([]);
  });

  it.each(askingForHelp)(
    "answer to a request for help with the user's own Node: %s",
    (line) => {
      const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
      const { status, stdout, stderr } = spawnSync('sh', ['-c', line], {
        cwd: workspace,
        env: { ...inherited, PATH: usersPath },
        encoding: 'utf8',
      });
      expect({ status, output: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, output: '' });
      expect(stdout).toContain('npm ');
    },
    60_000,
  );

  it.each([
    ['node tools/fork/rename.ts acme', 'cannot run TypeScript'],
    ['npm run renaem -- acme', 'no script renaem'],
    ['npm run program -- tools/install/none.ts', 'there is no tools/install/none.ts'],
    ['npx nonesuch', 'does not install nonesuch'],
    ['npx nx run @millrace/none:test', 'no project @millrace/none'],
    ['A=b npx nx run @millrace/saga:tset', 'no target tset'],
    ['npx nx run @millrace/NAME:tset', 'no target tset'],
    ['tools/none.sh', 'there is no tools/none.sh'],
  ])('are reported when they cannot be run: %s', (line, problem) => {
    expect(problemOf(line)).toContain(problem);
  });
});

describe('the commands in error messages and comments', () => {
  it('are npm scripts that run existing files', () => {
    const texts = ['.ts', '.yml'].flatMap((ending) =>
      filesEndingIn(ending).filter((path) => !path.startsWith('test/architecture/')),
    );
    const told = texts.flatMap((path) =>
      [...readText(path).matchAll(/\b(?:npm run program -- |node )(tools\/[a-z/-]+\.ts)/g)].map(
        ([line, tool = '']) => ({ path, line, tool }),
      ),
    );
    const calledByMachines = /^tools\/(build|bundles|ci|containers)\//;
    const problems = told.filter(
      ({ line, tool }) =>
        problemOf(`npm run program -- ${tool}`) !== undefined ||
        (line.startsWith('node ') && !calledByMachines.test(tool)),
    );
    expect(told.length).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });
});
