import { describe, expect, it } from '@jest/globals';
import { createTree } from '@nx/devkit/testing';
import { withoutDeadLinks, withoutDeadTexts } from './pages.ts';

const tree = createTree();
tree.write('docs/left.md', '# Left\n');
tree.write('docs/left.ts', '');
const left = (text: string) => withoutDeadLinks(tree, 'docs/page.md', text);

describe('a page with links to what is gone', () => {
  it.each([
    ['a page that is gone', 'See [the\nshop](gone.md).', 'See the\nshop.'],
    ['a heading that is gone', '[a](left.md#gone) [b](#gone)', 'a b'],
    ['a folder that is gone', '[`gone`](../apps/gone)', '`gone`'],
    ['a picture that is gone', '![a shop](gone.png)', 'a shop'],
  ])('has plain text instead of one to %s', (_, text, plain) => {
    expect(left(text)).toBe(plain);
  });

  it.each([
    [
      'other links',
      '# Page\n[a](left.md#left) [b](left.ts) [c](#page) [d](https://example.org) [e](../docs)\n',
    ],
    ['code', '`[a](gone.md)`\n\n```ts\nhandlers[name](event);\n```\n'],
  ])('keeps %s', (_, text) => {
    expect(left(text)).toBe(text);
  });
});

describe('a page with texts about what is gone', () => {
  it.each([
    ['an item', '- [a](left.ts) b\n- [c](gone.ts): d\n  e\n- f\n', '- [a](left.ts) b\n- f\n'],
    ['the last item', '- a\n- **[c](gone.ts)** d\n\nE\n', '- a\n\nE\n'],
    ['a remark', 'A ([b](gone.ts)). C ([d](left.ts)).', 'A. C ([d](left.ts)).'],
    ['a sentence', 'A b.\n[c](gone.ts) d\n`e.ts`. F.\n', 'A b.\nF.\n'],
    ['a paragraph', 'A.\n\n[b](gone.ts) c.\n\nD.\n', 'A.\n\n\n\nD.\n'],
    ['no sentence that goes on about something else', 'A b, [c](gone.ts) d.\n', 'A b, [c](gone.ts) d.\n'],
  ])('loses %s', (_, text, expected) => {
    expect(withoutDeadTexts(tree, 'docs/page.md', text)).toBe(expected);
  });
});
