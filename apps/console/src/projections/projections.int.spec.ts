import { describe, expect, it } from '@jest/globals';
import type { Projections } from '../api/projections.ts';
import { testConsole } from '../console.fixture.ts';

describe('the projections of the console', () => {
  const console = testConsole();
  const signed = { actor: 'ada', reason: 'INC-7' };

  it('are the read models that can be rebuilt, with the rebuilds that run', async () => {
    const rebuild = { projection: 'stock', revision: 4, paused: true };
    const lag = { group: 'inventory', topic: 'orders', partition: 0, messages: 2, seconds: 1 };
    console.answers(({ path }) => ({
      body: path.endsWith('/rebuilds')
        ? { items: [rebuild], rebuildable: ['product', 'stock'] }
        : { items: [lag] },
    }));

    expect(await console.first<Projections>('/api/projections/live')).toMatchObject({
      readModels: [
        { service: 'inventory', projection: 'product', rebuild: null },
        { service: 'inventory', projection: 'stock', rebuild },
      ],
      lags: [{ group: 'inventory', topic: 'orders', partitions: 1, messages: 2, seconds: 1 }],
      missing: [expect.stringContaining('payment does not answer')],
    });
  });

  it.each([
    ['rebuild', undefined],
    ['pause', '"4"'],
    ['resume', '"4"'],
    ['cancel', '"4"'],
  ])('pass the act %s on, at the revision that the page shows', async (action, ifMatch) => {
    console.answers(() => ({ body: { items: [], rebuildable: ['stock'] } }));
    const path = `/api/projections/inventory/stock/${action}`;

    expect((await console.post(path, { ...signed, revision: 4 })).status).toBe(204);
    expect(console.acts()).toMatchObject([
      { path: '/ops/projections/stock/actions', actor: 'ada', ifMatch, body: { action, reason: 'INC-7' } },
    ]);
  });

  it('pass on that somebody else has acted', async () => {
    console.answers(() => ({ status: 412, body: { title: 'It has changed', code: 'version_moved' } }));

    expect(
      await console.post('/api/projections/inventory/stock/pause', { ...signed, revision: 3 }),
    ).toMatchObject({ status: 412, body: { code: 'version_moved' } });
  });
});
