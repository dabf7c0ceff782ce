import { describe, expect, it } from '@jest/globals';
import { commands, problemOf } from './commands.ts';
import { filesEndingIn, readText } from './workspace.ts';

describe('the commands in the documents', () => {
  it('W05 exist, and run on any Node that the README allows', () => {
    expect(commands.length).toBeGreaterThan(50);
    const problems = commands.flatMap(({ page, line }) => {
      const problem = problemOf(line);
      return problem === undefined ? [] : [`${page}: ${line}: ${problem}`];
    });
    expect(problems).toEqual([]);
  });

  it.each([
    ['node tools/fork/rename.ts acme', 'cannot run TypeScript'],
    ['npm run renaem -- acme', 'no script renaem'],
    ['npm run program -- tools/install/none.ts', 'there is no tools/install/none.ts'],
    ['npx nonesuch', 'does not install nonesuch'],
    ['npx nx run @millrace/none:test', 'no project @millrace/none'],
    ['A=b npx nx run @millrace/saga:tset', 'no target tset'],
    ['npx nx run @millrace/NAME:tset', 'no target tset'],
    ['npm run verify -- none', 'verify knows no none'],
    ['npm run new -- sevrice loyalty', 'new knows no sevrice'],
    ['npm run remove -- none loyalty', 'remove knows no none'],
    ['npm run millrace -- stauts --watch', 'millrace knows no stauts'],
    ['npm run reference -- test/none', 'there is no test/none'],
    ['npm start -- --replicas none=2', 'there is no app none'],
    ['npm start -- --kafka --with none', 'there is no app none'],
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
