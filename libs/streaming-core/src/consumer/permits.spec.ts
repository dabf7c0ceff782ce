import { describe, expect, it } from '@jest/globals';
import { Permits } from './permits.ts';

describe('permits', () => {
  it('let no more works run at a time than they count, in the order of their coming, also when one fails', async () => {
    const permits = new Permits(2);
    let running = 0;
    let most = 0;
    const begun: number[] = [];
    const work = (number: number) =>
      permits.use(async () => {
        begun.push(number);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        if (number === 1) throw new Error('one fails');
      });
    const results = await Promise.allSettled([0, 1, 2, 3, 4, 5].map(work));

    expect(most).toBe(2);
    expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  });
});
