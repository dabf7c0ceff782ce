import { describe, expect, it } from '@jest/globals';
import type { Projections } from '../api/projections.ts';
import { testConsole } from '../console.fixture.ts';

describe('the projections of the console', () => {
  const console = testConsole();

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
});
