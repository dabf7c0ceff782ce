import { describe, expect, it } from '@jest/globals';
import { ProducerSequences } from './producer-sequences.ts';

const [first, second] = [0, 1].map((partition) => ({ topic: 'orders', partition })) as [never, never];

describe('what a producer writes next', () => {
  it('is counted by partition, and goes round after 2^31 - 1', () => {
    const sequences = new ProducerSequences({ producerId: 7n, producerEpoch: 3 });
    sequences.written(first, 2 ** 31 - 1);

    expect(sequences.next(first)).toEqual({ producerId: 7n, producerEpoch: 3, baseSequence: 2 ** 31 - 1 });
    expect(sequences.next(second)).toEqual({ producerId: 7n, producerEpoch: 3, baseSequence: 0 });
    sequences.written(first, 1);
    expect(sequences.next(first).baseSequence).toBe(0);
  });

  it('begins at 0 under a raised epoch, in that partition only', () => {
    const sequences = new ProducerSequences({ producerId: 7n, producerEpoch: 3 });
    for (const partition of [first, second]) sequences.written(partition, 5);

    sequences.raiseEpoch(first);

    expect(sequences.next(first)).toMatchObject({ producerEpoch: 4, baseSequence: 0 });
    expect(sequences.next(second)).toMatchObject({ producerEpoch: 3, baseSequence: 5 });
  });

  it('needs another producer id after the last epoch, or where this one is not taken', () => {
    const last = new ProducerSequences({ producerId: 7n, producerEpoch: 32_766 });
    last.raiseEpoch(first);
    expect(last.usedUp).toBe(false);
    last.raiseEpoch(first);
    expect(last.usedUp).toBe(true);

    const refused = new ProducerSequences({ producerId: 7n, producerEpoch: 0 });
    refused.giveUp();
    expect(refused.usedUp).toBe(true);
  });
});
