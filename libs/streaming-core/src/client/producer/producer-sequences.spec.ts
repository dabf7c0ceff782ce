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
});
