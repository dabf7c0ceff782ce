import { describe, expect, it } from '@jest/globals';
import { ExpectedTransactions } from '../transactions/partition-transactions.ts';
import { encodeBatch } from '../../records/record-batch-encoder.ts';
import { RecordBatch } from '../../records/record-batch.ts';

const producerId = 7n;
const batch = (baseSequence: number) =>
  new RecordBatch(
    encodeBatch([{ value: null }], {
      timestampMs: 0n,
      producerId,
      producerEpoch: 1,
      baseSequence,
      transactional: true,
    }),
  );
const asked = (baseSequence: number, { producerEpoch = 1, beginsAtSequence0 = false } = {}) => ({
  producerId,
  producerEpoch,
  baseSequence,
  beginsAtSequence0,
});
const marker = (producerEpoch: number) => ({
  producerId,
  producerEpoch,
  coordinatorEpoch: 0,
  committed: true,
});
const outOfOrder = expect.objectContaining({ errorName: 'OUT_OF_ORDER_SEQUENCE_NUMBER' });

function expecting(...all: ReadonlyArray<ReturnType<typeof asked>>): ExpectedTransactions {
  const expected = new ExpectedTransactions();
  for (const one of all) expected.expect(one);
  return expected;
}

describe('a transaction that has yet to begin on a partition', () => {
  it('begins with the lowest sequence that was sent', () => {
    const expected = expecting(asked(0), asked(3), asked(5));
    expect(() => expected.check(batch(3), false)).toThrow(outOfOrder);
    expected.check(batch(0), false);
    expected.begun(batch(0));
    expected.check(batch(9), false);
  });

  it('is replaced by one of a newer epoch', () => {
    const expected = expecting(asked(0), asked(4, { producerEpoch: 2 }), asked(0, { producerEpoch: 1 }));
    expected.check(batch(4), false);
    expect(() => expected.check(batch(5), false)).toThrow(outOfOrder);
  });

  it('begins at sequence 0 if the producer is new (KIP-890)', () => {
    const expected = expecting(asked(3, { beginsAtSequence0: true }));
    expect(() => expected.check(batch(3), true)).toThrow(outOfOrder);
    expected.check(batch(3), false);
  });

  it('is no longer expected after a marker, except the one that gave the producer its epoch', () => {
    const expected = expecting(asked(0, { producerEpoch: 2, beginsAtSequence0: true }));
    expected.ended(marker(2));
    expect(() => expected.check(batch(1), false)).toThrow(outOfOrder);
    expected.ended(marker(3));
    expected.check(batch(1), false);
  });

  it('is forgotten after 20,000 others', () => {
    const expected = expecting(asked(0));
    for (let other = 0n; other < 20_000n; other += 1n)
      expected.expect({ ...asked(0), producerId: 100n + other });
    expected.check(batch(1), false);
  });
});
