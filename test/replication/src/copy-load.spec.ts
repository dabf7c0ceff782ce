import { describe, expect, it } from '@jest/globals';
import { copiedRecords, problemsOf } from './copy-load.ts';

const lines = (partition: number, count: number) =>
  Array.from({ length: count }, (_, value) => `${partition} ${value}`);

describe('the books of the copied records', () => {
  const each = copiedRecords / 3;
  const whole = () => [0, 1, 2].map((partition) => lines(partition, each));

  it('are right if each partition has every record once and in order', () => {
    expect(problemsOf(whole().flat())).toEqual([]);
  });

  it.each<readonly [string, (partition: string[]) => void, string]>([
    ['lost', (partition) => partition.splice(5, 1), 'has record 6 where 5 belongs'],
    ['copied twice', (partition) => partition.splice(5, 0, '1 4'), 'has record 4 where 5 belongs'],
    ['out of order', (partition) => partition.splice(5, 2, '1 6', '1 5'), 'has record 6 where 5 belongs'],
    ['missing at the end', (partition) => partition.pop(), `has ${each - 1} of ${each} records`],
  ])('name a record that is %s', (_what, change, problem) => {
    const found = whole();
    change(found[1]!);
    expect(problemsOf(found.flat())).toEqual([expect.stringContaining(problem)]);
  });
});
