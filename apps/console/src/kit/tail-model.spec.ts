import { describe, expect, it } from '@jest/globals';
import type { RowBatch } from '../api/row-batch.ts';
import { nothingTailed, tailedMore, tailSentence } from './tail-model.ts';

describe('a live tail', () => {
  const batch = (rows: readonly number[], more: Partial<RowBatch<number>> = {}): RowBatch<number> => ({
    tail: 'one',
    rows,
    dropped: 0,
    scanned: rows.length,
    ...more,
  });

  it('shows the newest first, and counts what it has dropped', () => {
    const one = tailedMore(nothingTailed, batch([1, 2]), false);
    const two = tailedMore(one, batch([9], { dropped: 6, scanned: 7 }), false);

    expect(two.rows).toEqual([9, 2, 1]);
    expect(tailSentence(two, 'record')).toBe(
      '9 records came, 3 shown. 6 dropped: more than 200 came in a second.',
    );
  });

  it('keeps its rows while it is paused, and says how many have come', () => {
    const one = tailedMore(nothingTailed, batch([1]), false);
    const paused = tailedMore(one, batch([2], { dropped: 3, scanned: 4 }), true);

    expect(paused.rows).toEqual(one.rows);
    expect(tailSentence(paused, 'record')).toContain('4 came while it was paused.');
  });

  it('says that it began again, since rows in between may be missing', () => {
    const one = tailedMore(nothingTailed, batch([1]), false);
    const again = tailedMore(one, batch([], { tail: 'two' }), false);

    expect(tailSentence(again, 'record')).toContain('It began again 1 time; what came between is not shown.');
  });
});
