import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { opsStub, type OpsStub } from '../ops-stub.fixture.ts';
import { millrace, type Situation } from '../cli.fixture.ts';

const eventAt = (position: number, second: number) => ({
  position: String(position),
  stream: 'order-42',
  version: position,
  type: 'Noted',
  data: { note: position },
  eventId: `019c0000-0000-7000-8000-00000000000${position}`,
  recordedAt: `2026-11-22T09:00:0${second}.000Z`,
  correlationId: 'request',
  causationId: 'request',
});

/** A service whose feed has these events. Its cursors are positions. */
const feedOf = (events: readonly ReturnType<typeof eventAt>[]) =>
  opsStub(({ path, query: { from, after = '0', limit } }) => {
    if (path !== '/ops/events') return undefined;
    const last = events.at(-1)?.position ?? '0';
    if (from === 'end') return { body: { items: [], nextCursor: last, caughtUp: true } };
    const begin = from === undefined || from === 'beginning' ? Number(after) : Number(from) - 1;
    const items = events.filter(({ position }) => Number(position) > begin).slice(0, Number(limit));
    const nextCursor = items.at(-1)?.position ?? String(begin);
    return { body: { items, nextCursor, caughtUp: nextCursor === last } };
  });

describe('millrace streams feed', () => {
  let orders: ReturnType<typeof eventAt>[];
  let order: OpsStub;
  let inventory: OpsStub;
  beforeEach(async () => {
    orders = [eventAt(1, 1), eventAt(2, 4)];
    order = await feedOf(orders);
    inventory = await feedOf([eventAt(1, 2), eventAt(2, 3)]);
  });
  afterEach(() => [order, inventory].forEach((stub) => stub.close()));

  const run = (args: readonly string[], situation: Situation = {}) =>
    millrace(
      ['streams', 'feed', ...args, '--ops', `order=${order.url}`, '--ops', `inventory=${inventory.url}`],
      { environment: {}, ...situation },
    );
  const places = (out: string) =>
    out.split('\n').map((line) => {
      const { service, position } = JSON.parse(line) as { service: string; position: string };
      return `${service}@${position}`;
    });

  it('merges the events of all services by time', async () => {
    const { out } = await run(['--json']);
    expect(places(out)).toEqual(['order@1', 'inventory@1', 'inventory@2', 'order@2']);
  });

  it('shows a line about each event, and the rest of it', async () => {
    const { out } = await run(['order', '--from', '2', '--type', 'Noted', '--stream', 'order-42']);
    expect(out.split('\n')[0]).toBe('order@2  2026-11-22T09:00:04.000Z  order-42  2  Noted');
    expect(out.split('\n')[1]).toContain('"data":{"note":2}');
    expect(order.asked).toMatchObject([
      { query: { from: '2', type: 'Noted', stream: 'order-42', limit: '100' } },
    ]);
    expect(inventory.asked).toEqual([]);
  });

  it('says that it ended early, and how to see more', async () => {
    const { out, err } = await run(['--limit', '3', '--json']);
    expect(places(out)).toEqual(['order@1', 'inventory@1', 'inventory@2']);
    expect(err).toContain('ended after 3 events: --limit sets another number');
  });

  it('shows what the other services have if one is away', async () => {
    inventory.close();
    const { exitCode, out, err } = await run(['--json']);
    expect(exitCode).toBe(1);
    expect(places(out)).toEqual(['order@1', 'order@2']);
    expect(err).toContain('inventory does not answer');
  });

  it('follows from the end until it is interrupted, also while a service is away', async () => {
    inventory.close();
    const interrupt = new AbortController();
    const lines: string[] = [];
    const later = setTimeout(() => orders.push(eventAt(3, 5), eventAt(4, 6)), 100);
    const { exitCode, err } = await run(['--follow', '--json'], {
      signal: interrupt.signal,
      onOut(line) {
        lines.push(line);
        if (lines.length === 2) interrupt.abort();
      },
    });
    clearTimeout(later);
    expect(exitCode).toBe(0);
    expect(places(lines.join('\n'))).toEqual(['order@3', 'order@4']);
    expect(err.match(/inventory does not answer/g)).toHaveLength(1);
  });

  it.each([
    [['--from', 'yesterday'], 2, '--from yesterday: give beginning, end or a position'],
    [['--from', '7'], 2, '--from 7 is a position of one service: name it, as in streams feed SERVICE'],
    [['--limit', '0'], 2, '--limit 0: give a whole number of at least 1'],
    [['payment'], 1, 'no service payment here: name one of order, inventory'],
  ])('refuses %s with exit code %i and says what to give', async (args, exitCode, remedy) => {
    expect(await run(args)).toMatchObject({ exitCode, err: expect.stringContaining(remedy) });
  });
});
