import { describe, expect, it } from '@jest/globals';
import type { CorrelatedEvent, Message } from '@millrace/operations/client';
import { joined } from './trace-reader.ts';

const event = (id: string, fields: Partial<CorrelatedEvent> = {}): CorrelatedEvent => ({
  id,
  service: 'order',
  stream: 'order-42',
  version: 1,
  type: 'OrderCreated',
  data: {},
  recordedAt: '2026-11-25T23:36:51.035Z',
  correlationId: 'request',
  causationId: 'request',
  ...fields,
});

const message = (id: string, topic: string, type: string, value: unknown = {}): Message => ({
  topic,
  partition: 0,
  offset: 7n,
  time: '2026-11-25T23:36:51.157Z',
  key: '42',
  event: { id, type, time: '2026-11-25T23:36:51.035Z' },
  headers: {},
  value,
});

// Recorded from a system: the id of the message is derived from that of the event.
const created = event('01a21511-b261-70fd-bfb8-3e5467d437d0');
const published = message('01a21511-b261-762d-a6de-24ac4b1c487c', 'order-events', 'OrderCreated');
const sent = event('01a21511-b261-70fd-bfb8-46d97389a342', {
  type: 'CommandSent',
  causationId: published.event['id']!,
  data: { commandId: 'c1' },
});
const command = message('c1', 'inventory-commands', 'ReserveInventory');
const reserved = event('01a21511-b355-70fd-bfb8-46d97389a342', { type: 'Reserved', causationId: 'c1' });

const names = ['order-events OrderCreated', 'inventory-commands ReserveInventory'];

describe('the events and messages of a trace', () => {
  it('name the event that sent each message, and the event that led to each event', () => {
    const { events, messages } = joined([created, sent, reserved], [published, command], names);

    expect(messages.map(({ type, cause }) => [type, cause])).toEqual([
      ['OrderCreated', created.id],
      ['ReserveInventory', sent.id],
    ]);
    expect(events.map(({ type, cause, branch }) => [type, cause, branch])).toEqual([
      ['OrderCreated', undefined, ''],
      ['CommandSent', created.id, '└─ '],
      ['Reserved', sent.id, '   └─ '],
    ]);
  });

  it('know their causes even without the messages', () => {
    const { events } = joined([created, sent], [], names);

    expect(events[1]).toMatchObject({ cause: created.id, by: 'order-events OrderCreated' });
  });

  it('leave out a value that is too long, and mark it', () => {
    const [short, long] = joined(
      [],
      [message('a', 'orders', 'A', 'x'), message('b', 'orders', 'B', 'x'.repeat(16_000))],
      names,
    ).messages;

    expect(short).toMatchObject({ value: 'x', cut: false, offset: '7' });
    expect(long).toMatchObject({ value: null, cut: true });
  });
});
