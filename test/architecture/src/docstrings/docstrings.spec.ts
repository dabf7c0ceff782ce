import { describe, expect, it } from '@jest/globals';
import { isTest, readText, sourcePaths } from '../workspace.ts';
import { examplesIn } from './examples.ts';
import { problemsOf, programOf, withoutDocstring } from './libraries-program.ts';

const examples = sourcePaths
  .filter((path) => path.startsWith('libs/') && !isTest(path))
  .flatMap((path) => examplesIn(path, readText(path)));
const wrong = examplesIn(
  'libs/a/src/b.ts',
  '\n/**\n * A.\n *\n * @example\n * ```ts\n * const fine = 1;\n * const day: number = tripEvents;\n * ```\n */',
);
const all = [...examples, ...wrong];
const program = programOf(all);
const problems = problemsOf(program, all);

describe('the docstrings of the libraries', () => {
  it('have examples that compile', () => {
    expect(examples.length).toBeGreaterThanOrEqual(30);
    expect(problems.filter((problem) => !problem.startsWith('libs/a/'))).toEqual([]);
  });

  it('say something about each value of an entry point', () => {
    expect(withoutDocstring(program)).toEqual([]);
  });

  it('are reported for an example that does not compile, with its line', () => {
    expect(problems.filter((problem) => problem.startsWith('libs/a/'))).toEqual([
      expect.stringContaining("libs/a/src/b.ts:8: Type 'Topic<"),
    ]);
  });

  it('are reported for an example without a block of TypeScript', () => {
    expect(() => examplesIn('libs/a/src/b.ts', '/**\n * @example shop()\n */')).toThrow('libs/a/src/b.ts:1');
  });
});
