import { describe, expect, it } from '@jest/globals';
import type { ParkedKey } from '../api/parked-keys.ts';
import type { FirstOfAll } from '../api/shown.ts';
import { testConsole } from '../console.fixture.ts';

const parked = (position: string) => ({ position, key: `order-${position}`, messages: 1 });

describe('the parked keys of the console', () => {
  const console = testConsole();

  it('are listed by their positions, and name a service that does not answer', async () => {
    console.answers(() => ({ body: { items: [parked('9'), parked('10')], nextCursor: null } }));
    expect(await console.first<FirstOfAll<ParkedKey>>('/api/parked-keys/live')).toMatchObject({
      items: [
        { service: 'inventory', key: 'order-9' },
        { service: 'inventory', key: 'order-10' },
      ],
      missing: [expect.stringContaining('payment does not answer')],
    });
  });

  it.each(['retry', 'give-up'])('pass an act on with who acts and why: %s', async (act) => {
    console.answers(() => ({ body: { position: '9' } }));
    const signed = { actor: 'ada', reason: 'INC-7' };
    expect((await console.post(`/api/parked-keys/inventory/9/${act}`, signed)).status).toBe(204);
    expect(console.acts()).toEqual([
      { method: 'POST', path: `/ops/parked-keys/9/${act}`, actor: 'ada', body: { reason: 'INC-7' } },
    ]);
  });

  it('pass on that a key is not parked any more', async () => {
    console.answers(() => ({
      status: 404,
      body: { title: 'No parked message', code: 'unknown_parked_key' },
    }));
    const signed = { actor: 'ada', reason: 'INC-7' };
    expect(await console.post('/api/parked-keys/inventory/9/retry', signed)).toMatchObject({
      status: 404,
      body: { code: 'unknown_parked_key' },
    });
  });
});
