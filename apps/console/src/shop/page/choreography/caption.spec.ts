import { describe, expect, it } from '@jest/globals';
import type { TraceEvent, TraceMessage } from '../../../api/trace.ts';
import { captionOf, rowsOf } from '../sequence-model.ts';

const recordedAt = '2026-11-26T10:00:00.000Z';

const reserved: TraceMessage = {
  topic: 'inventory-events',
  partition: 0,
  offset: '7',
  id: 'reserved-1',
  type: 'InventoryReserved',
  key: '1',
  recordedAt,
  writtenAt: recordedAt,
  headers: { ce_source: '/millrace/inventory', ce_saga: 'choreography' },
  value: {},
  cut: false,
};

const causedByIt = (service: string, type: string, stream: string): TraceEvent => ({
  service,
  type,
  stream,
  version: 1,
  data: {},
  id: `${service} ${type}`,
  causationId: reserved.id,
  correlationId: 'c1',
  recordedAt,
  branch: '',
});

describe('the sequence of a choreographed order', () => {
  const rows = rowsOf({
    events: [
      causedByIt('order', 'StepDone', 'choreography-1'),
      causedByIt('payment', 'PaymentRequested', 'payment-1'),
    ],
    messages: [reserved],
  });
  const [request, message] = rows;

  it('leaves out what order notes about its progress', () => {
    expect(rows.map(({ key }) => key)).toEqual(['payment PaymentRequested', 'reserved-1']);
    expect(request).toMatchObject({ service: 'payment' });
  });

  it('leads an event to each service that reacts to it, order included', () => {
    expect(message).toMatchObject({ from: 'inventory', to: ['order', 'payment'] });
  });

  it('says of an event that nobody directs the order, and names the folder of the service that publishes it', () => {
    expect(captionOf(message!)).toEqual({
      text: expect.stringContaining('No saga directs this order'),
      file: 'apps/inventory/src/choreography',
    });
  });
});
