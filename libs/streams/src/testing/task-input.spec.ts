import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { TimeHeap } from './task-input.ts';

function polled<T extends { readonly timestampMs: number }>(heap: TimeHeap<T>): readonly T[] {
  const elements: T[] = [];
  for (let element = heap.poll(); element !== undefined; element = heap.poll()) elements.push(element);
  return elements;
}

describe('a heap by time', () => {
  it('returns its elements in the order of their times', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const heap = new TimeHeap();
        for (const timestampMs of times) heap.offer({ timestampMs });

        expect(polled(heap).map(({ timestampMs }) => timestampMs)).toEqual(times.sort((a, b) => a - b));
      }),
    );
  });

  it('returns equal times in the order of a Java priority queue', () => {
    const heap = new TimeHeap<{ readonly name: string; readonly timestampMs: number }>();
    for (const name of ['a', 'b', 'c', 'd', 'e']) heap.offer({ name, timestampMs: 0 });

    // Read from `java.util.PriorityQueue` of Java 17.
    expect(polled(heap).map(({ name }) => name)).toEqual(['a', 'e', 'd', 'c', 'b']);
  });
});
