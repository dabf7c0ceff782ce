import { describe, expect, it } from '@jest/globals';
import { positionTable } from './position-table.ts';

describe('the table of positions', () => {
  it('leads from each column of a line to its source, line and column', () => {
    // Line 1: columns 0 and 9 lead to source 0, lines 0 and 1. Line 2 has no source.
    // Line 3: column 4 leads to source 1, line 0, column 2.
    const firstOfLines = [0, 2, 2, 3];
    const entries = [
      [0, 0, 0, 0],
      [9, 0, 1, 2],
      [4, 1, 0, 2],
    ];
    expect([...positionTable('AAAA,SACE;;ICDA')]).toEqual([[3], firstOfLines, entries].flat(2));
  });

  it('leaves out positions on the same line of the source', () => {
    expect([...positionTable('AAAA,CAAC,CAAC,CACA')]).toEqual([1, 0, 2, 0, 0, 0, 0, 3, 0, 1, 2]);
  });

  it('leaves out names and parts that come from no source', () => {
    expect([...positionTable('A,CAAAA')]).toEqual([1, 0, 1, 1, 0, 0, 0]);
  });
});
