import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { neededPartitions, type PartitionNeeds } from './partitions.ts';

const fast: PartitionNeeds = {
  rate: 1_000,
  growth: 1,
  producedPerPartition: 100_000,
  consumedPerPartition: 100_000,
  consumers: 1,
};

describe('neededPartitions', () => {
  it.each([
    ['one partition, if it carries everything', {}, { partitions: 1, because: 'consumers' }],
    ['one for each consumer', { consumers: 6 }, { partitions: 6, because: 'consumers' }],
    ['what producing needs', { producedPerPartition: 300 }, { partitions: 4, because: 'producing' }],
    [
      'what consuming needs',
      { consumedPerPartition: 300, growth: 2 },
      { partitions: 7, because: 'consuming' },
    ],
    [
      'what handling needs',
      { handledPerConsumer: 100, consumers: 3 },
      { partitions: 10, because: 'handling' },
    ],
  ])('is %s', (_what, needs, answer) => {
    expect(neededPartitions({ ...fast, ...needs })).toEqual(answer);
  });

  it('carries the rate with every part, and would not with one partition less', () => {
    const rate = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(
        rate,
        rate,
        rate,
        rate,
        fc.integer({ min: 1, max: 50 }),
        (needed, produced, consumed, handled, consumers) => {
          const needs = {
            rate: needed,
            growth: 1,
            producedPerPartition: produced,
            consumedPerPartition: consumed,
            handledPerConsumer: handled,
            consumers,
          };
          const { partitions } = neededPartitions(needs);
          const slowest = Math.min(produced, consumed, handled);
          const carries = (count: number) => count * slowest >= needed && count >= consumers;
          return carries(partitions) && !carries(partitions - 1);
        },
      ),
    );
  });
});
