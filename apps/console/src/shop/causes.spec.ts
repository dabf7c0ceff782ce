import { expect, it } from '@jest/globals';
import type { CorrelatedEvent } from '@millrace/operations/client';
import { joined } from '../trace/trace-reader.ts';

const event = (id: string, type: string, causationId: string): CorrelatedEvent => ({
  id,
  service: 'order',
  stream: 'order-42',
  version: 1,
  type,
  data: {},
  recordedAt: '2026-11-25T23:36:51.035Z',
  correlationId: 'request',
  causationId,
});

it('the events of an order know their causes even without the messages', () => {
  // Recorded from a system: the id of the message is derived from that of the event.
  const created = event('01a21511-b261-70fd-bfb8-3e5467d437d0', 'OrderCreated', 'request');
  const published = '01a21511-b261-762d-a6de-24ac4b1c487c';
  const sent = event('01a21511-b261-70fd-bfb8-46d97389a342', 'CommandSent', published);

  const { events } = joined([created, sent], []);
  expect(events[1]).toMatchObject({ cause: created.id, by: 'order-events OrderCreated' });
});
