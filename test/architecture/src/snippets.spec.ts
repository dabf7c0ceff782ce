import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withoutExceptions } from './exceptions.ts';
import { pages, type Page } from './markdown.ts';
import { pagesOfShop } from './shop.ts';
import { showsCode, snippetProblems } from './snippets.ts';
import { readText, workspace } from './workspace.ts';

/**
 * Pages, or folders of pages, whose code is not an excerpt of a file, each with the test that checks it
 * and names the page.
 */
const testedElsewhere: Readonly<Record<string, string>> = {
  'docs/reference/messages.md': 'test/reference/src/messages.spec.ts',
  ...pagesOfShop,
  'libs/saga/README.md': 'libs/saga/src/definition/readme.spec.ts',
  'libs/streams/README.md': 'libs/streams/src/quickstart/quickstart.spec.ts',
};

const isIn = (entry: string, { path }: Page): boolean =>
  path === entry || (entry.endsWith('/') && path.startsWith(entry));

const excerpts = pages.filter((page) => !Object.keys(testedElsewhere).some((entry) => isIn(entry, page)));

const linked = 'In [the check](../test/architecture/src/snippets.ts):';
const fence = '```';
const pageWith = (paragraph: string, ...block: readonly string[]): Page => ({
  path: 'docs/x.md',
  text: ['# X', '', paragraph, '', ...block, ''].join('\n'),
});
const ts = (...lines: readonly string[]) => [`${fence}ts`, ...lines, fence];

describe('the code in the documents', () => {
  it('is an excerpt of the file that the paragraph before it links to', () => {
    const problems = excerpts.flatMap(snippetProblems);

    expect(withoutExceptions('snippets', problems)).toEqual([]);
  });

  it.each(Object.entries(testedElsewhere))('or is tested in another way: %s by %s', (entry, test) => {
    expect(pages.filter((page) => isIn(entry, page) && showsCode(page))).not.toEqual([]);
    expect(existsSync(join(workspace, test))).toBe(true);
    expect(readText(test)).toContain(basename(entry));
  });

  it('may be indented in another way, and leave lines out', () => {
    const whole = [
      'function blocksOf(text: string): readonly Block[] {',
      '  // ...',
      '  return blocks;',
      '}',
    ];
    const inner = ["const lines = text.split('\\n');", '', '// ...', '', 'return blocks;'];
    const indented = inner.map((line) => (line === '' ? '' : `      ${line}`));

    expect(snippetProblems(pageWith(linked, ...ts(...whole)))).toEqual([]);
    expect(snippetProblems(pageWith(linked, ...ts(...inner)))).toEqual([]);
    expect(snippetProblems(pageWith(linked, ...ts(...indented)))).toEqual([]);
  });

  it.each([
    [
      'a line that the file does not have',
      linked,
      ts('return block;'),
      'no such line in this place: return block',
    ],
    ['another last line', linked, ts('  }', '  return blocks;', ')'), 'in this place: \\)$'],
    ['another indentation', linked, ts('return blocks;', '  }'), 'no such line'],
    [
      'lines in another order',
      linked,
      ts('  return blocks;', '// ...', '  const blocks: Block[] = [];'),
      'no such',
    ],
    [
      'nothing left out where it says so',
      linked,
      ts('  return blocks;', '// ...', '}', '', '/**'),
      'no such line',
    ],
    ['a file that does not exist', 'See [x](../libs/x.ts):', ts('a'), 'libs/x.ts, which is no source'],
    ['a paragraph without a link', 'The saga:', ts('const a = 1;'), 'has to end with a link'],
    [
      'a link that does not end the paragraph',
      `${linked} the rest.`,
      ts('const a = 1;'),
      'has to end with a link',
    ],
    [
      'a link to a page',
      'In [the page](README.md):',
      ts('const a = 1;'),
      'docs/README.md, which is no source',
    ],
    ['only lines left out', linked, ts('// ...'), 'shows no line'],
    [
      'a language that it does not know',
      linked,
      [`${fence}typescript`, 'const a = 1;', fence],
      'not "typescript"',
    ],
    ['no language', linked, [fence, 'const a = 1;', fence], 'a fence needs a language'],
  ])('is reported for %s', (_, paragraph, block, problem) => {
    expect(snippetProblems(pageWith(paragraph, ...block))).toEqual([
      expect.stringMatching(new RegExp(`^docs/x.md: line 5: .*${problem}`)),
    ]);
  });
});
