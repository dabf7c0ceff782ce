import { describe, expect, it } from '@jest/globals';
import { changedPaths } from '@millrace/operations/dead-letters';
import { changesOf, dataOf, editOf, filterIn, inWords, isChosen, isRefused } from './letters-model.ts';

const value = { type: 'Reserve', lines: [{ sku: 'lamp', quantity: 0 }], note: null };
const letter = { type: 'Reserve', value: JSON.stringify(value) };
const typed = (changes: object) => JSON.stringify({ ...value, ...changes });

describe('the filter of dead letters', () => {
  const reason = {
    service: 'inventory',
    topic: 'commands',
    group: 'inventory',
    type: 'Reserve',
    code: 'malformed',
    letters: 2,
    oldestAt: '2026-11-22T09:00:00Z',
    latestReason: 'malformed: why',
  };
  const filter = { service: 'inventory', topic: 'commands', type: 'Reserve', code: 'malformed' };

  it('has the fields of the address, and no others', () => {
    const query = new URLSearchParams('topic=commands&code=&state=open');
    expect(filterIn((name) => query.get(name) ?? '')).toEqual({ topic: 'commands' });
  });

  it('chooses a reason if it shows exactly its letters', () => {
    expect(isChosen(reason, filter)).toBe(true);
    expect(isChosen(reason, { ...filter, key: 'order-1' })).toBe(false);
    expect(isChosen(reason, { topic: 'commands' })).toBe(false);
  });
});

describe('an edited value', () => {
  it.each([
    ['a changed field', { note: 'gone' }],
    ['a field within a list', { lines: [{ sku: 'lamp', quantity: 1 }] }],
    ['a further line', { lines: [{ sku: 'lamp', quantity: 0 }, { sku: 'chair' }] }],
    ['a new field', { more: { deep: true } }],
    ['a list that becomes an object', { lines: {} }],
  ])('names the same paths as the service: %s', (_, changes) => {
    const after = { ...value, ...changes };
    const paths = changesOf(value, after).map(({ path }) => path);
    expect(paths).toEqual(changedPaths(value, after));
    expect(paths).toHaveLength(1);
  });

  it('shows what was there before and after', () => {
    expect(editOf(typed({ lines: [{ sku: 'lamp', quantity: 1 }] }), letter)).toMatchObject({
      changes: [{ path: 'lines[0].quantity', before: 0, after: 1 }],
    });
  });

  it.each([
    ['{', 'This is not a JSON object'],
    ['[]', 'This is not a JSON object'],
    [typed({ type: 'Release' }), 'The field type must stay "Reserve"'],
    [typed({}), 'Nothing is changed yet'],
  ])('is not sent as %s', (text, problem) => {
    expect(editOf(text, letter).problem).toBe(problem);
  });

  it('replaces a value that is not JSON as a whole', () => {
    const edit = editOf('{"type":"Reserve"}', { type: 'Reserve', value: 'no message' });
    expect(edit).toMatchObject({ changes: [{ path: '', before: 'no message' }] });
    expect(dataOf('no message')).toBe('no message');
    expect(dataOf(null)).toBe(null);
  });
});

describe('an outcome', () => {
  it.each([
    ['redriven', 12, '12 letters: sent again', false],
    ['discarded', 1, '1 letter: given up for good', false],
    ['decided_before', 1, '1 letter: refused, because somebody has decided already', true],
  ] as const)(
    'names the outcome of the letters, and why others are refused: %s',
    (outcome, letters, says, refused) => {
      expect(inWords({ outcome, letters })).toBe(says);
      expect(isRefused({ outcome, letters })).toBe(refused);
    },
  );
});
