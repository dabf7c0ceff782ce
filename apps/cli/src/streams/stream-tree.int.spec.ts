import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { opsStub, type OpsStub } from '../ops-stub.fixture.ts';
import { millrace } from '../cli.fixture.ts';

const event = (number: number, type: string, fields: object = {}) => ({
  eventId: `019c0000-0000-7000-8000-00000000000${number}`,
  stream: 'order-42',
  version: number,
  type,
  data: {},
  recordedAt: `2026-11-22T09:00:00.00${number}Z`,
  correlationId: 'request',
  causationId: 'request',
  ...fields,
});
const created = event(1, 'OrderCreated', { actor: 'ada' });
const sent = event(2, 'CommandSent', { stream: 'saga-42', data: { commandId: 'c1' } });
const reserved = event(3, 'StockReserved', { stream: 'stock-lamp', causationId: 'c1' });
const noted = event(4, 'Noted', { stream: 'stock-lamp', causationId: 'c1' });
const canceled = event(5, 'CancellationRequested', { correlationId: 'other' });

describe('millrace streams tree', () => {
  let order: OpsStub;
  let inventory: OpsStub;
  let complete = true;
  let nextCursor: string | null = null;
  beforeEach(async () => {
    complete = true;
    nextCursor = null;
    order = await opsStub(({ path }) => {
      if (path === '/ops/streams/order-42') return { body: { items: [created, canceled], nextCursor } };
      const items = { request: [created, sent], other: [canceled] }[path.replace('/ops/correlations/', '')];
      return path.startsWith('/ops/correlations/')
        ? { body: { service: 'order', items: items ?? [], complete } }
        : undefined;
    });
    inventory = await opsStub(({ path }) =>
      path.startsWith('/ops/correlations/')
        ? {
            body: {
              service: 'inventory',
              items: path.endsWith('/request') ? [reserved, noted] : [],
              complete: true,
            },
          }
        : undefined,
    );
  });
  afterEach(() => [order, inventory].forEach((stub) => stub.close()));

  const run = (...args: string[]) =>
    millrace(
      ['streams', 'tree', ...args, '--ops', `inventory=${inventory.url}`, '--ops', `order=${order.url}`],
      { environment: {} },
    );

  it('Z07 joins the events of an order from all services and requests, and draws what caused what', async () => {
    for (const id of ['42', 'order-42']) {
      const { exitCode, out } = await run(id);
      const lines = out.split('\n');
      expect(exitCode).toBe(0);
      expect(lines.map((line) => line.split(/ {2,}(?=\S)/)[0])).toEqual([
        'EVENT',
        'OrderCreated',
        'CommandSent',
        '├─ StockReserved',
        '└─ Noted',
        'CancellationRequested',
      ]);
      expect(lines[1]).toMatch(/order +order-42 +1 +2026-11-22T09:00:00.001Z +ada$/);
    }
    expect((await run('request')).out).not.toContain('CancellationRequested');
  });

  it('prints the tree as JSON', async () => {
    expect(JSON.parse((await run('42', '--json')).out)).toMatchObject({
      tree: [
        { event: { type: 'OrderCreated', service: 'order' }, caused: [] },
        { event: { type: 'CommandSent' }, caused: [{ event: { service: 'inventory' } }, {}] },
        { event: { type: 'CancellationRequested' } },
      ],
      gaps: [],
    });
  });

  it('says which service did not answer or has more, and shows the rest', async () => {
    complete = false;
    nextCursor = 'next';
    inventory.close();
    const { exitCode, out, err } = await run('42');
    expect(exitCode).toBe(1);
    expect(out).toContain('OrderCreated');
    expect(err).toContain('incomplete: inventory does not answer');
    expect(err).toContain('order has more events of correlation request');
    expect(err).toContain('order has further events of order-42');
  });

  it('names the services if none knows the id', async () => {
    expect(await run('43')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('no stream or correlation 43 at inventory, order'),
    });
  });
});
