import { describe, expect, it } from '@jest/globals';
import { Rows } from './live-rows.ts';

describe('live rows', () => {
  it('are sent in parts of 50, with the number of rows that were read', () => {
    const rows = new Rows<number>();
    for (let row = 0; row < 60; row += 1) rows.add(row < 55 ? row : undefined);

    expect(rows.take()).toMatchObject({ scanned: 60, dropped: 0, failure: null });
    expect(rows.isNew).toBe(true);
    expect(rows.take()).toMatchObject({ rows: [50, 51, 52, 53, 54], scanned: 0 });
    expect(rows.isNew).toBe(false);
  });

  it('drop the oldest ones over 200 that wait, and count them', () => {
    const rows = new Rows<number>();
    for (let row = 0; row < 207; row += 1) rows.add(row);

    const batch = rows.take();
    expect(batch.dropped).toBe(7);
    expect(batch.rows?.[0]).toBe(7);
  });

  it('report that the source works or fails only when that changes', () => {
    const rows = new Rows<number>();
    rows.works();
    expect(rows.take()).toMatchObject({ rows: [], failure: null });

    rows.fail('order does not answer');
    const { failure } = rows.take();
    rows.fail('order does not answer');
    expect(rows.isNew).toBe(false);

    rows.fail('payment does not answer');
    expect(rows.take().failure).toEqual({ reason: 'payment does not answer', since: failure?.since });
    rows.works();
    expect(rows.isNew).toBe(true);
    expect(rows.take().failure).toBeNull();
  });
});
