import { describe, expect, it } from '@jest/globals';
import type { FedEvent, ListedStream, ShownStream } from '../api/event-streams.ts';
import type { RowBatch } from '../api/row-batch.ts';
import type { FirstOfAll, Shown } from '../api/shown.ts';
import { testConsole } from '../console.fixture.ts';

const listed = (stream: string, version: number) => ({ stream, version, updatedAt: '2026-11-22T09:00:00Z' });
const event = (version: number) => ({ version, type: 'Received', data: { quantity: version } });
const fed = (position: string, stream: string, type: string) => ({
  ...event(1),
  position,
  stream,
  type,
  recordedAt: '2026-11-22T09:00:00Z',
});

describe('the event streams of the console', () => {
  const console = testConsole();

  it('are found by the beginning of their names, and name a service that does not answer', async () => {
    console.answers(() => ({ body: { items: [listed('stock-lamp', 3)], nextCursor: null } }));
    const path = '/api/event-streams/live?prefix=stock-';

    expect(await console.first<Shown<FirstOfAll<ListedStream>>>(path)).toMatchObject({
      items: [{ service: 'inventory', stream: 'stock-lamp', version: 3 }],
      missing: [expect.stringContaining('payment does not answer')],
    });
    expect(console.reads()[0]?.path).toContain('prefix=stock-');
  });

  it('show their last events first, and read only that page', async () => {
    console.answers(({ path }) =>
      path.includes('prefix=')
        ? { body: { items: [listed('stock-pot', 120), listed('stock-pot-2', 1)], nextCursor: null } }
        : { body: { items: [event(119), event(120)], nextCursor: null } },
    );
    const path = '/api/event-streams/live/inventory/stock-pot?limit=2';

    expect((await console.first<ShownStream>(path)).events.map(({ version }) => version)).toEqual([120, 119]);
    expect(console.reads().map((read) => read.path)).toContain(
      '/ops/streams/stock-pot?from=119&version=120&limit=2',
    );
  });

  it('that do not exist are not confused with one of a longer name', async () => {
    console.answers(() => ({ body: { items: [listed('stock-cup-2', 1)], nextCursor: null } }));

    const shown = await console.first<Shown<ShownStream>>('/api/event-streams/live/inventory/stock-cup');
    expect(shown.failure?.reason).toBe('inventory has no stream stock-cup');
  });

  it('show a state and the changes of its last event', async () => {
    const changes = [{ path: '/onHand', before: 1, after: 2 }];
    console.answers(({ path }) =>
      path.endsWith('/difference?from=2&to=3')
        ? { body: { from: 2, to: 3, changes } }
        : { body: { version: 3, state: { onHand: 2 } } },
    );

    expect(await console.get('/api/event-streams/state/inventory/stock-lamp?version=3')).toEqual({
      status: 200,
      body: { version: 3, state: { onHand: 2 }, comparedWith: 2, changes },
    });
  });

  it('pass on that a stream has no state', async () => {
    console.answers(() => ({ status: 404, body: { title: 'No state', code: 'not_folded' } }));

    expect(await console.get('/api/event-streams/state/inventory/mail-1')).toMatchObject({
      status: 404,
      body: { code: 'not_folded' },
    });
  });

  it('are followed from now on, by service, type and the beginning of their names', async () => {
    const events = [
      fed('7', 'stock-lamp', 'Received'),
      fed('8', 'stock-lamp', 'Shipped'),
      fed('9', 'mail-1', 'Received'),
    ];
    console.answers(() => ({ body: { items: events, nextCursor: 'c', caughtUp: true } }));
    const path = '/api/event-streams/feed?service=inventory&type=Received&prefix=stock-';

    const { rows, scanned } = await console.first<RowBatch<FedEvent>>(path);
    expect(rows).toMatchObject([{ service: 'inventory', position: '7', line: '{"quantity":1}' }]);
    expect(scanned).toBe(3);
    expect(console.reads()[0]?.path).toBe('/ops/events?from=end');
  });
});
