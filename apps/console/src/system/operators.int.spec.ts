import { describe, expect, it } from '@jest/globals';
import type { FirstOfAll } from '../api/shown.ts';
import { testConsole } from '../console.fixture.ts';

interface Row {
  readonly at?: string;
  readonly position?: string;
}
const signed = { actor: 'ada', reason: 'INC-7' };

describe('the lists of the operator API in the console', () => {
  const console = testConsole();
  const listed = async (path: string, items: readonly Row[]) => {
    console.answers(() => ({ body: { items, nextCursor: null } }));
    return console.first<FirstOfAll<Row>>(path);
  };

  it('have the rows of all services, and name a service that does not answer', async () => {
    const items = [{ at: '2026-11-22T10:00:00Z' }, { at: '2026-11-22T09:00:00Z' }];
    expect(await listed('/api/acts/live', items)).toEqual({
      items: items.map((item) => ({ ...item, service: 'inventory' })),
      mayHaveMore: false,
      missing: [expect.stringContaining('payment does not answer')],
      failure: null,
    });
  });

  it('order positions as numbers', async () => {
    const { items } = await listed('/api/parked-keys/live', [{ position: '10' }, { position: '9' }]);
    expect(items.map(({ position }) => position)).toEqual(['9', '10']);
  });

  it('pass the filter on to the service that is asked', async () => {
    const query = 'service=inventory&topic=commands&state=all&limit=300';
    expect(await listed(`/api/dead-letters/live?${query}`, [])).toMatchObject({ items: [], missing: [] });
    expect(console.reads().map(({ path }) => path)).toContain(
      '/ops/dead-letters?topic=commands&state=all&limit=100',
    );
  });

  it('are not followed if they are unknown or too long', async () => {
    for (const path of ['/api/acts/live?limit=0', '/api/erasures/live'])
      expect(await console.get(path)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});

describe('an act in the console', () => {
  const console = testConsole();

  it.each([
    '/ops/sagas/fulfillment/order-1/actions',
    '/ops/saga-holds/release',
    '/ops/parked-keys/9/give-up',
    '/ops/projections/stock/actions',
  ])('is passed on with who acts, why, and what the page shows: %s', async (path) => {
    console.answers(() => ({ body: {} }));
    const order = { ...signed, action: 'pause' };
    expect(await console.post('/api/acts', { service: 'inventory', path, version: 4, order })).toEqual({
      status: 204,
      body: undefined,
    });
    const body = { reason: 'INC-7', action: 'pause' };
    expect(console.acts()).toEqual([{ method: 'POST', path, actor: 'ada', ifMatch: '"4"', body }]);
  });

  it('is refused without a reason, and on any other path', async () => {
    const path = '/ops/parked-keys/9/retry';
    for (const wrong of [
      { path, order: { actor: 'ada' } },
      { path: '/ops/dead-letters/discard', order: signed },
      { path: `${path}?a=/actions`, order: signed },
    ])
      expect(await console.post('/api/acts', { service: 'inventory', ...wrong })).toMatchObject({
        status: 400,
      });
    expect(console.acts()).toEqual([]);
  });

  it.each([
    [404, 'unknown_parked_key'],
    [412, 'version_moved'],
  ])('tells what the service says: %i %s', async (status, code) => {
    console.answers(() => ({ status, body: { title: 'It has changed', code } }));
    const path = '/ops/parked-keys/9/retry';
    expect(await console.post('/api/acts', { service: 'inventory', path, order: signed })).toMatchObject({
      status,
      body: { code },
    });
  });
});
