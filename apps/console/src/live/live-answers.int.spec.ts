import { describe, expect, it } from '@jest/globals';
import { testConsole } from '../console.fixture.ts';

const openMax = 100;

describe('the answers of the console that stay open', () => {
  const console = testConsole();
  const path = '/api/overview/live';

  it('are limited in number: one more is refused until another one ends', async () => {
    const tabs = new AbortController();
    const lastTab = new AbortController();
    try {
      const opened = [
        ...(await Promise.all(Array.from({ length: openMax - 1 }, () => console.follow(path, tabs.signal)))),
        await console.follow(path, lastTab.signal),
      ];
      expect(opened).toEqual(Array.from({ length: openMax }, () => 200));

      expect(await console.follow(path, tabs.signal)).toBe(503);
      expect(await console.get(path)).toMatchObject({ status: 503, body: { code: 'too_many_live_events' } });

      lastTab.abort();
      const statuses: number[] = [];
      do statuses.push(await console.follow(path, tabs.signal));
      while (statuses.at(-1) !== 200);
    } finally {
      tabs.abort();
    }
  });
});
