import { describe, expect, it } from '@jest/globals';
import { createTree } from '@nx/devkit/testing';
import { deleteWithUses } from './delete-with-uses.ts';

const folder = 'apps/order/src/extra';
const path = 'apps/order/src/order.ts';

/** The text of a file that imports from the folder, after the folder is deleted. */
function without(text: string, file = path): string {
  const tree = createTree();
  tree.write(`${folder}/extra.ts`, 'export const extra = 1;');
  tree.write(file, text);
  deleteWithUses(tree, [folder]);
  expect(tree.exists(folder)).toBe(false);
  return tree.read(file, 'utf8') ?? '';
}

/** Prettier cares for the spaces. */
const compact = (text: string): string => text.replace(/\s/g, '');

/** The same for a text with the import of `extra` and `Extra`, which must go too. */
const withoutExtra = (text: string): string =>
  without(`import { extra, type Extra } from './extra/extra.ts';\n${text}`);

describe('the deletion of a folder with its uses', () => {
  it('removes each import from it, and no other', () => {
    const text = `import { one } from './one.ts';
import './extra/effects.ts';
import extra, { type Extra } from './extra/extra.ts';
import * as all from './extra/all.ts';
import { two } from './extras.ts';
`;
    expect(without(text)).toBe(`import { one } from './one.ts';\nimport { two } from './extras.ts';\n`);
  });

  it.each([
    ['an element of an array', 'const all = [one, extra, two];', 'const all = [one, two];'],
    ['the last element', 'const all = [one, extra];', 'const all = [one,];'],
    ['elements next to each other', 'const all = [extra, ...extra, one];', 'const all = [ one];'],
    ['a spread call', 'const all = [one, ...ids.map(extra)];', 'const all = [one,];'],
    [
      'a call with its arguments',
      'const all = [one, about({ ...one, ...extra }, extra)];',
      'const all = [one,];',
    ],
    ['a property', `const all = { 'extra-': extra, extra: one };`, `const all = { extra: one };`],
    ['a property by its short form', 'const all = { one, extra, };', 'const all = { one, };'],
    ['the spread of an object', 'const all = { ...one, ...extra(one) };', 'const all = { ...one, };'],
    ['a default', 'const all = (await one(1)) ?? (await extra(1)).two;', 'const all = (await one(1));'],
    ['a statement', 'start(one);\nawait extra.start(one);\n', 'start(one);\n'],
    [
      'the comment above an element',
      'const all = [\n  one,\n  // why\n  extra,\n];',
      'const all = [\n  one,\n  \n];',
    ],
  ])('takes out %s', (_, text, expected) => {
    expect(compact(withoutExtra(text))).toBe(compact(expected));
  });

  it('leaves no empty line where an element had a line to itself', () => {
    const text = 'const all = {\n  one,\n  // why\n  ...extra,\n  two,\n};\n';
    expect(withoutExtra(text)).toBe('\nconst all = {\n  one,\n  two,\n};\n');
  });

  it('takes out a parameter of a constructor, and what uses its property', () => {
    const text = `class One {
  constructor(private readonly two: Two, @Inject(extra) private readonly three: Extra) {}
  all() { return [this.two.three, this.three.four, three]; }
}`;
    const expected = `class One {
  constructor(private readonly two: Two,) {}
  all() { return [this.two.three, three]; }
}`;
    expect(compact(withoutExtra(text))).toBe(compact(expected));
  });

  it('takes out imported styles', () => {
    const text = `@import './extra/extra.css';\n@import './extras.css';\n`;
    expect(without(text, 'apps/order/src/style.css')).toBe(`@import './extras.css';\n`);
  });

  it('takes out an element of a page', () => {
    const text = `import { Extra } from './extra/extra.tsx';\nconst all = <One><Extra two={1} /><Two Extra={3} /></One>;`;
    expect(without(text, 'apps/order/src/page.tsx').trim()).toBe('const all = <One><Two Extra={3} /></One>;');
  });

  it.each([
    ['a condition', 'const all = [extra ? one : two];'],
    ['an operand', 'const all = extra ?? one;'],
    ['an argument', 'const all = about(extra);'],
    ['a statement under a condition', 'if (one) extra();'],
    ['a method', 'class One { @UseGuards(extra) two() {} }'],
    ['a variable of the same name', 'const all = [(extra: number) => one];'],
    ['a type', 'type All = One | Extra;'],
    ['an export', `export { two } from './extra/two.ts';`],
    ['an import while it runs', `const all = await import('./extra/extra.ts');`],
  ])('refuses %s, and names the line', (_, text) => {
    expect(() => withoutExtra(text)).toThrow(
      /^nothing was removed, .*:\n {2}apps\/order\/src\/order\.ts:2: .*\n/,
    );
  });
});
