import { describe, expect, it } from '@jest/globals';
import { abortedBatches, type AbortedTransaction, type BatchHeader } from './fetch-decoding.ts';

const plain = 'plain';
const transactional = 'transactional';
const marker = 'marker';
type Kind = typeof plain | typeof transactional | typeof marker;

const batch = (producerId: number, first: number, last: number, kind: Kind = transactional): BatchHeader => ({
  producerId: BigInt(producerId),
  baseOffset: BigInt(first),
  lastOffset: BigInt(last),
  isTransactional: kind !== plain,
  isControl: kind === marker,
});
const aborted = (producerId: number, firstOffset: number): AbortedTransaction => ({
  producerId: BigInt(producerId),
  firstOffset: BigInt(firstOffset),
});
const undone = (batches: readonly BatchHeader[], ...transactions: readonly AbortedTransaction[]) =>
  [...abortedBatches(batches, transactions)].map(({ baseOffset }) => Number(baseOffset));

describe('L92 the batches of aborted transactions', () => {
  it('are none if the broker lists none', () => {
    expect(undone([batch(1, 0, 4), batch(1, 5, 5, marker)])).toEqual([]);
  });

  it('are those of the producer up to its marker, and not those that it commits afterwards', () => {
    expect(
      undone([batch(1, 0, 4), batch(2, 5, 6), batch(1, 7, 7, marker), batch(1, 8, 9)], aborted(1, 0)),
    ).toEqual([0]);
  });

  it('are found if a producer aborts twice within a response, whatever the order of the list', () => {
    const batches = [
      batch(1, 0, 1),
      batch(1, 2, 2, marker),
      batch(1, 3, 4),
      batch(1, 5, 5, marker),
      batch(1, 6, 7),
      batch(1, 8, 8, marker),
    ];
    expect(undone(batches, aborted(1, 6), aborted(1, 0))).toEqual([0, 6]);
  });

  it('are found if the marker is in a later response', () => {
    expect(undone([batch(1, 10, 14), batch(1, 15, 19)], aborted(1, 10))).toEqual([10, 15]);
  });

  it('are found if the first of them was in an earlier response', () => {
    expect(undone([batch(1, 15, 19), batch(1, 20, 20, marker), batch(1, 21, 22)], aborted(1, 10))).toEqual([
      15,
    ]);
  });

  it('begin with the batch that contains the first offset, even if the batch starts earlier', () => {
    expect(undone([batch(1, 10, 14)], aborted(1, 12))).toEqual([10]);
  });

  it('do not include what the same producer wrote without a transaction', () => {
    expect(undone([batch(1, 0, 4, plain)], aborted(1, 0))).toEqual([]);
  });

  it('are distinguished by producer if transactions interleave', () => {
    const batches = [
      batch(1, 0, 0),
      batch(2, 1, 1),
      batch(1, 2, 2),
      batch(2, 3, 3, marker),
      batch(1, 4, 4, marker),
    ];
    expect(undone(batches, aborted(2, 1))).toEqual([1]);
    expect(undone(batches, aborted(1, 0))).toEqual([0, 2]);
  });
});
