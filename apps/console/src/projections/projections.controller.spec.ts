import { describe, expect, it } from '@jest/globals';
import { lagsByTopic } from './projections.controller.ts';

describe('the lag of a group on a topic', () => {
  const lag = (partition: number, messages: number, seconds: number | null, topic = 'orders') => ({
    group: 'order-views',
    topic,
    partition,
    messages,
    seconds,
  });

  it('adds its partitions up, and takes the age of the oldest message', () => {
    expect(lagsByTopic([lag(0, 3, 2), lag(1, 4, 7), lag(0, 1, 1, 'payments')])).toEqual([
      { group: 'order-views', topic: 'orders', partitions: 2, messages: 7, seconds: 7 },
      { group: 'order-views', topic: 'payments', partitions: 1, messages: 1, seconds: 1 },
    ]);
  });

  it('has no age if no partition tells one', () => {
    expect(lagsByTopic([lag(0, 3, null)])).toMatchObject([{ seconds: null }]);
    expect(lagsByTopic([lag(0, 3, null), lag(1, 0, 0)])).toMatchObject([{ seconds: 0 }]);
  });
});
