import { describe, expect, it } from '@jest/globals';
import { PartitionSequence } from './partition-sequence.ts';

function sequenceOf(producerEpoch = 3, raisable = true) {
  const identity = { producerId: 7n, producerEpoch, raisable, usedUp: false };
  const sequence = new PartitionSequence();
  sequence.adopt(identity);
  return { sequence, identity };
}

describe('the sequence of a partition', () => {
  it('counts records and wraps around after 2^31 - 1', () => {
    const { sequence } = sequenceOf();
    sequence.take(2 ** 31 - 1);

    expect(sequence.take(2)).toEqual({ producerId: 7n, producerEpoch: 3, baseSequence: 2 ** 31 - 1 });
    expect(sequence.take(1).baseSequence).toBe(1);
  });

  it('gives the numbers after the last written batch again', () => {
    const { sequence } = sequenceOf();
    sequence.confirm(sequence.take(5), 5);
    sequence.take(3);
    sequence.rewind();

    expect(sequence.take(1).baseSequence).toBe(5);
  });

  it('restarts at 0 with a raised epoch', () => {
    const { sequence } = sequenceOf();
    sequence.confirm(sequence.take(5), 5);
    sequence.raiseEpoch();

    expect(sequence.take(1)).toMatchObject({ producerEpoch: 4, baseSequence: 0 });
  });

  it('needs another producer id after the last epoch', () => {
    const { sequence, identity } = sequenceOf(32_766);
    sequence.raiseEpoch();
    expect(identity.usedUp).toBe(false);
    sequence.raiseEpoch();
    expect(identity.usedUp).toBe(true);
  });

  it('needs another identity for a raised epoch in a transaction, where the coordinator assigns both', () => {
    const { sequence, identity } = sequenceOf(3, false);
    sequence.raiseEpoch();
    expect(identity.usedUp).toBe(true);
  });

  it('is proven by an acknowledgement of this topic and this epoch, for ten minutes', () => {
    const { sequence } = sequenceOf();
    expect(sequence.isProven('id', 0)).toBe(false);
    sequence.prove('id', 1_000);

    expect(sequence.isProven('id', 1_000 + 10 * 60_000 - 1)).toBe(true);
    expect(sequence.isProven('id', 1_000 + 10 * 60_000)).toBe(false);
    expect(sequence.isProven('recreated', 1_000)).toBe(false);
    sequence.raiseEpoch();
    expect(sequence.isProven('id', 1_000)).toBe(false);
  });
});
