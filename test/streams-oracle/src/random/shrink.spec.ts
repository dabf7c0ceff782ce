import { describe, expect, it } from '@jest/globals';
import type { Call } from './program.ts';
import { shrunk } from './shrink.ts';

const call = (id: number, op: 'peek' | 'mapValues' | 'filter', ...on: readonly number[]): Call => ({
  id,
  op,
  on,
  isNamed: false,
});
const source: Call = { id: 0, op: 'stream', topics: ['a'], on: [], isNamed: false };

describe('a failing program', () => {
  it('is shrunk to the calls that it fails with, and those that they are made on', async () => {
    const program = [
      source,
      call(1, 'peek', 0),
      call(2, 'filter', 1),
      call(3, 'mapValues', 2),
      call(4, 'peek', 3),
    ];
    const left = await shrunk(program, (shorter) =>
      Promise.resolve(shorter.some(({ op }) => op === 'filter')),
    );
    expect(left).toEqual([source, call(1, 'peek', 0), call(2, 'filter', 1)]);
  });
});
