import { describe, expect, it } from '@jest/globals';
import { changedPaths, redriven, refusalOf } from './redriven.ts';
import { toDeadLetter } from './dead-letter.ts';

const letter = (
  headers: Readonly<Record<string, string>> = {},
  value: string | null = '{"type":"Reserve"}',
) =>
  toDeadLetter(
    {
      topic: 'shelf-commands.dlq',
      partition: 0,
      offset: 7n,
      timestampMs: 0,
      key: Buffer.from('k'),
      value: value === null ? null : Buffer.from(value),
      headers: new Map(
        Object.entries({
          ce_id: 'm1',
          ce_type: 'Reserve',
          dlq_topic: 'shelf-commands',
          dlq_reason: 'Error: x',
          ...headers,
        }),
      ),
      headerList: [],
    },
    'topic-id',
  );

describe('a message that is sent again', () => {
  it('goes to its topic with its key, value and headers, and with one more redrive', () => {
    expect(redriven(letter({ dlq_redrives: '2' }), 'id')).toMatchObject({
      topic: 'shelf-commands',
      key: 'k',
      payload: '{"type":"Reserve"}',
      headers: { ce_id: 'm1', ce_type: 'Reserve', dlq_redrives: '3' },
    });
    expect(Object.keys(redriven(letter(), 'id').headers)).toEqual(['ce_id', 'ce_type', 'dlq_redrives']);
  });

  it('is refused if it is incomplete, unless an operator supplies the missing value', () => {
    expect(refusalOf(letter(), false)).toBeUndefined();
    for (const without of [
      letter({ dlq_value_omitted: '9' }),
      letter({ dlq_value_encoding: 'base64' }),
      letter({}, null),
    ]) {
      expect(refusalOf(without, false)).toBe('incomplete');
      expect(refusalOf(without, true)).toBeUndefined();
    }
    expect(refusalOf(letter({ dlq_headers_omitted: '1' }), true)).toBe('incomplete');
    expect(refusalOf(letter({ dlq_redrives: '5' }), true)).toBe('redriven_too_often');
  });

  it('is refused if it claims to come from a topic whose dead letters are elsewhere', () => {
    expect(refusalOf(letter({ dlq_topic: 'payment-commands' }), true)).toBe('incomplete');
  });
});

describe('the paths that an edit changes', () => {
  it.each([
    [{ a: 1 }, { a: 1 }, []],
    [{ a: 1 }, { a: 2 }, ['a']],
    [{ a: 1 }, { b: 1 }, ['a', 'b']],
    [{ lines: [{ sku: 'x', quantity: 1 }] }, { lines: [{ sku: 'x', quantity: 2 }] }, ['lines[0].quantity']],
    [{ lines: [1] }, { lines: [1, 2] }, ['lines[1]']],
    [{ lines: [] }, { lines: {} }, ['lines']],
    [undefined, { a: 1 }, ['']],
    [{ a: { sealed: 1, data: 'x' } }, { a: { street: 'y' } }, ['a']],
    [{ a: { sealed: 1, data: 'x' } }, { a: { sealed: 1, data: 'x' } }, []],
  ])('from %j to %j are %j', (before, after, paths) => {
    expect(changedPaths(before, after)).toEqual(paths);
  });
});
