import { describe, expect, it } from '@jest/globals';
import { BufferPool } from './buffer-pool.ts';

const open = (heldBytesMax = 1_000_000) => new BufferPool({ heldBytesMax });

describe('the buffer pool', () => {
  it('reuses memory after any part of it was returned', () => {
    const pool = open();
    const first = pool.take(60_000);
    expect(first).toHaveLength(60_000);
    pool.give(first.subarray(10, 20));
    expect(pool.heldBytes).toBe(65_536);
    expect(pool.take(50_000).buffer).toBe(first.buffer);
    expect(pool.heldBytes).toBe(0);
  });

  it('never lends memory to two owners, even if it was returned twice', () => {
    const pool = open();
    const first = pool.take(60_000);
    pool.give(first);
    pool.give(first);
    expect(pool.take(60_000).buffer).not.toBe(pool.take(60_000).buffer);
  });

  it('ignores memory that it has not lent', () => {
    const pool = open();
    pool.give(Buffer.alloc(65_536));
    pool.give(pool.take(100));
    expect(pool.heldBytes).toBe(0);
  });

  it('keeps no more than its limit', () => {
    const pool = open(100_000);
    const one = pool.take(60_000);
    const other = pool.take(60_000);
    pool.give(one);
    pool.give(other);
    expect(pool.heldBytes).toBe(65_536);
    expect(one.length).toEqual(60_000);
    expect(other.length).toEqual(0);
  });

  it('frees a returned buffer that is too large to keep, completely and at once', () => {
    const pool = open(100_000_000);
    const large = pool.take(10_000_000);
    expect(large).toHaveLength(10_000_000);
    pool.give(large.subarray(0, 10));
    expect(large.length).toEqual(0);
    expect(large.buffer.byteLength).toEqual(0);
    expect(pool.heldBytes).toEqual(0);
    pool.give(large);
  });
});
