import { describe, expect, it } from '@jest/globals';
import { listedOnce, missingFirst } from './items-of-request.ts';

describe('the topics of a response', () => {
  it('are each listed once, with all their partitions, in the order of the request', () => {
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

  it('are left out without partitions, and distinguished by their ids', () => {
    const topics = [
      { name: '', topicId: 'one', partitions: [1] },
      { name: '', topicId: 'two', partitions: [1] },
      { name: '', topicId: 'three', partitions: [] },
    ];
    expect(listedOnce(topics)).toEqual(topics.slice(0, 2));
  });

  const there = {
    hasTopic: ({ name }: { name: string }) => name !== 'gone',
    hasPartition: ({ name }: { name: string }, index: number) => name !== 'gone' && index < 9,
  };

  it('stay as requested for a commit to existing partitions, except that topics without partitions are left out', () => {
    const topics = [
      { name: 'a', partitions: [] },
      { name: 'a', partitions: [0, 0] },
      { name: 'b', partitions: [1] },
      { name: 'a', partitions: [1] },
    ];
    expect(missingFirst(topics, there)).toEqual(topics.slice(1));
  });

  it('are each listed once for a commit to unknown partitions, which come first', () => {
    const topics = [
      { name: 'a', partitions: [0, 9] },
      { name: 'b', partitions: [] },
      { name: 'gone', partitions: [] },
      { name: 'b', partitions: [0] },
      { name: 'a', partitions: [1] },
    ];
    expect(missingFirst(topics, there)).toEqual([
      { name: 'a', partitions: [9, 0, 1] },
      { name: 'gone', partitions: [] },
      { name: 'b', partitions: [0] },
    ]);
  });
});
