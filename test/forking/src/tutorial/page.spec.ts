import { describe, expect, it } from '@jest/globals';
import { changed, sectionsOf, standsIn } from './page.ts';

const fence = '```';
const block = (language: string, ...lines: readonly string[]) =>
  [`${fence}${language}`, ...lines, fence, ''].join('\n');

describe('the acts of a page', () => {
  it('are changes, excerpts, and commands with their output, section by section', () => {
    const page = [
      '# Title',
      '## First',
      'Change `a/b.ts`:\n',
      block('diff', '-a;', '+b;'),
      'It has `a/c.ts`:\n',
      block('ts', 'c;'),
      '## Second',
      block('sh', 'npm test'),
      'It prints:\n',
      block('text', 'passed'),
      '## Third has no blocks',
    ].join('\n');

    expect(sectionsOf(page)).toEqual([
      {
        title: 'First',
        acts: [
          { kind: 'change', path: 'a/b.ts', text: '-a;\n+b;\n' },
          { kind: 'excerpt', path: 'a/c.ts', text: 'c;\n' },
        ],
      },
      { title: 'Second', acts: [{ kind: 'commands', script: 'npm test\n', output: 'passed\n' }] },
    ]);
  });

  it.each([
    ['a change without a path', `Change this:\n\n${block('diff', '+a;')}`, 'has to end with its path'],
    ['an excerpt without a path', `It has:\n\n${block('ts', 'a;')}`, 'has to end with its path'],
    ['output without commands', block('text', 'passed'), 'have none: passed'],
    ['another language', block('python', 'pass'), 'a block of the language "python"'],
  ])('cannot be %s', (_, text, problem) => {
    expect(() => sectionsOf(`# Title\n## First\n${text}`)).toThrow(problem);
  });
});

describe('a change', () => {
  const text = 'one\ntwo\nthree\nfour\n';

  it('adds and deletes lines at the place that its other lines name', () => {
    expect(changed(text, ' one\n-two\n+2\n...\n four\n+five\n')).toBe('one\n2\nthree\nfour\nfive\n');
  });

  it('fits once', () => {
    expect(() => changed(text, ' five\n+six\n')).toThrow('these lines 0 times instead of once');
    expect(() => changed('one\none\n', ' one\n+two\n')).toThrow('these lines 2 times instead of once');
  });
});

describe('an excerpt', () => {
  const text = 'one\n  two\nthree\nfour\n';

  it.each(['one\n', '  two\nthree\n', 'one\n// ...\nfour\n', '  two\n  // ...\nfour\n'])(
    'may be %j',
    (excerpt) => {
      expect(standsIn(text, excerpt)).toBe(true);
    },
  );

  it.each(['five\n', 'two\n', 'one\nthree\n', 'four\n// ...\none\n'])('is not %j', (excerpt) => {
    expect(standsIn(text, excerpt)).toBe(false);
  });
});
