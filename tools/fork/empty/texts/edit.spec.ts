import { describe, expect, it } from '@jest/globals';
import { omit, omitBetween, omitItems, say, sayBetween } from './edit.ts';

const page = `Runs the sample
orders (all).

- **Shop**: sample orders,
  and more
- **Sagas**: what is stuck
`;

describe('an edit of a page', () => {
  it.each([
    ['says something else', say('Runs it', 'Runs the sample orders (all)'), 'Runs it.\n\n- **Shop**'],
    ['says something else in place of a passage', sayBetween('It', 'Runs', '(all)'), 'It.\n\n- **Shop**'],
    ['leaves out words with the space before them', omit('the sample orders'), 'Runs (all).\n\n- **Shop**'],
    ['leaves out a passage', omitBetween('the ', '- '), 'Runs **Shop**'],
    [
      'leaves out an item',
      omitItems('Shop'),
      'Runs the sample\norders (all).\n\n- **Sagas**: what is stuck\n',
    ],
    ['leaves a page of a fork with other words as it is', omit('sample shop'), page],
  ])('%s', (_, edit, expected) => {
    expect(edit(page).slice(0, expected.length)).toBe(expected);
  });
});
