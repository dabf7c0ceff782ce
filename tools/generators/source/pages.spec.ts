import { describe, expect, it } from '@jest/globals';
import { createTree } from '@nx/devkit/testing';
import { withoutDeadLinks } from './pages.ts';

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
