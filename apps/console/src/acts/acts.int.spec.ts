import { describe, expect, it } from '@jest/globals';
import type { Act } from '../api/acts.ts';
import type { FirstOfAll } from '../api/shown.ts';
import { testConsole } from '../console.fixture.ts';

const act = (at: string) => ({ at, actor: 'ada', action: 'retry parked key', subject: '7', reason: 'INC-7' });

describe('the acts of operators in the console', () => {
  const console = testConsole();

  it('are those of all services, the newest first', async () => {
    const items = [act('2026-11-22T10:00:00Z'), act('2026-11-22T09:00:00Z')];
    console.answers(() => ({ body: { items, nextCursor: null } }));

    const shown = await console.first<FirstOfAll<Act>>('/api/acts/live');
    expect(shown.items.map(({ service, at }) => [service, at])).toEqual([
      ['inventory', '2026-11-22T10:00:00Z'],
      ['inventory', '2026-11-22T09:00:00Z'],
    ]);
    expect(shown.missing).toEqual([expect.stringContaining('payment does not answer')]);
  });

  it('are not followed with a query that is wrong', async () => {
    expect(await console.get('/api/acts/live?limit=0')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'limit' }] },
    });
  });
});
