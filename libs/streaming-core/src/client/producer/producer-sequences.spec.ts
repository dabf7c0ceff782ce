import { describe, expect, it } from '@jest/globals';
import { ProducerSequences } from './producer-sequences.ts';

const [first, second] = [0, 1].map((partition) => ({ topic: 'orders', partition })) as [never, never];

describe('the sequence numbers of a producer', () => {
  it('are counted per partition and wrap around after 2^31 - 1', () => {
    const sequences = new ProducerSequences({ producerId: 7n, producerEpoch: 3 });
    sequences.written(first, 2 ** 31 - 1);

    expect(sequences.next(first)).toEqual({ producerId: 7n, producerEpoch: 3, baseSequence: 2 ** 31 - 1 });
    expect(sequences.next(second)).toEqual({ producerId: 7n, producerEpoch: 3, baseSequence: 0 });
    sequences.written(first, 1);
    expect(sequences.next(first).baseSequence).toBe(0);
  });

  it('restart at 0 with a raised epoch, in that partition only', () => {
    const sequences = new ProducerSequences({ producerId: 7n, producerEpoch: 3 });
    for (const partition of [first, second]) sequences.written(partition, 5);

    sequences.raiseEpoch(first);

    expect(sequences.next(first)).toMatchObject({ producerEpoch: 4, baseSequence: 0 });
    expect(sequences.next(second)).toMatchObject({ producerEpoch: 3, baseSequence: 5 });
  });

  it('are used up after the last epoch, or once the broker rejects the producer id', () => {
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
