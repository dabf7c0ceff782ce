import { describe, expect, it } from '@jest/globals';
import { RecordBatch } from '../../records/record-batch.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { DecidedTransactions } from './retained-batch.ts';

const batchAt = (baseOffset: bigint) =>
  new RecordBatch(
    encodeBatch([{ value: null }], {
      timestampMs: 5n,
      baseOffset,
      producerId: 7n,
      producerEpoch: 0,
      baseSequence: 0,
      transactional: true,
    }),
  );

describe('the transactions that compaction looks up', () => {
  it('can be a hundred thousand aborted ones of one producer', () => {
    const aborted = Array.from({ length: 100_000 }, (_, at) => {
      const firstOffset = BigInt(4 * at);
      return {
        producerId: 7n,
        firstOffset,
        lastOffset: firstOffset + 1n,
        lastStableOffset: firstOffset + 2n,
      };
    });
    const transactions = new DecidedTransactions(aborted);
    const offsets = [0n, 2n, 200_000n, 200_002n, 399_996n, 399_998n];
    expect(offsets.map((offset) => transactions.isAborted(batchAt(offset)))).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
    ]);
  });
});
