import { describe, expect, it } from '@jest/globals';
import { abortedEntryBytes, decodeAborted, encodeAborted } from './aborted-transactions.ts';

const entry = (lastOffset: bigint) => ({
  producerId: 7n,
  firstOffset: 1n,
  lastOffset,
  lastStableOffset: lastOffset + 1n,
});

describe('an index of aborted transactions', () => {
  it('round-trips through its bytes', () => {
    expect(decodeAborted(Buffer.concat([encodeAborted(entry(3n)), encodeAborted(entry(5n))]))).toEqual([
      entry(3n),
      entry(5n),
    ]);
  });

  it.each([
    ['a torn entry', Buffer.concat([encodeAborted(entry(3n)), encodeAborted(entry(5n)).subarray(0, 20)])],
    ['only zeros', Buffer.alloc(abortedEntryBytes)],
    ['a last entry of zeros', Buffer.concat([encodeAborted(entry(3n)), Buffer.alloc(abortedEntryBytes)])],
    ['entries out of order', Buffer.concat([encodeAborted(entry(5n)), encodeAborted(entry(3n))])],
  ])('is rejected if it has %s', (_, bytes) => {
    expect(decodeAborted(bytes)).toBeUndefined();
  });
});
