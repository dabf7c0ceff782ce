import { describe, expect, it } from '@jest/globals';
import { abortedEntryBytes, decodeAborted, encodeAborted } from './aborted-transactions.ts';

const entry = (lastOffset: bigint) => ({
  producerId: 7n,
  firstOffset: 1n,
  lastOffset,
  lastStableOffset: lastOffset + 1n,
});

describe('an index of aborted transactions', () => {
  it('is read as it was written', () => {
    expect(decodeAborted(Buffer.concat([encodeAborted(entry(3n)), encodeAborted(entry(5n))]))).toEqual([
      entry(3n),
      entry(5n),
    ]);
  });

  it.each([
    [
      'the end of an entry',
      Buffer.concat([encodeAborted(entry(3n)), encodeAborted(entry(5n)).subarray(0, 20)]),
    ],
    ['its bytes, which are zeros', Buffer.alloc(abortedEntryBytes)],
    [
      'the bytes of its last entry',
      Buffer.concat([encodeAborted(entry(3n)), Buffer.alloc(abortedEntryBytes)]),
    ],
    ['its order', Buffer.concat([encodeAborted(entry(5n)), encodeAborted(entry(3n))])],
  ])('is built anew when a crash took %s', (_, bytes) => {
    expect(decodeAborted(bytes)).toBeUndefined();
  });
});
