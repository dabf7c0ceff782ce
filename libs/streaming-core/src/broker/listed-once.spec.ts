import { describe, expect, it } from '@jest/globals';
import { listedOnce } from './listed-once.ts';

describe('topics of an answer', () => {
  it('are each there once, with all their partitions, in the order in which they came', () => {
    const topics = [
      { name: 'b', partitions: [1] },
      { name: 'a', partitions: [2] },
      { name: 'b', partitions: [0, 1] },
    ];
    expect(listedOnce(topics)).toEqual([
      { name: 'b', partitions: [1, 0, 1] },
      { name: 'a', partitions: [2] },
    ]);
  });

  it('are left out without partitions, and told apart by their ids', () => {
    const topics = [
      { name: '', topicId: 'one', partitions: [1] },
      { name: '', topicId: 'two', partitions: [1] },
      { name: '', topicId: 'three', partitions: [] },
    ];
    expect(listedOnce(topics)).toEqual(topics.slice(0, 2));
  });
});
