import { describe, expect, it } from '@jest/globals';
import type { TraceEvent, TraceMessage } from '../../api/trace.ts';
import { captionOf, lifelinesOf, rowsOf } from './sequence-model.ts';

const event = (
  service: string,
  type: string,
  second: number,
  more: Partial<TraceEvent> = {},
): TraceEvent => ({
  service,
  type,
  stream: `${service}-1`,
  version: 1,
  data: {},
  id: `${service} ${type}`,
  causationId: '',
  correlationId: 'c1',
  recordedAt: new Date(second * 1_000).toISOString(),
  branch: '',
  ...more,
});

const message = (source: string, type: string, topic: string, second: number): TraceMessage => ({
  topic,
  partition: 0,
  offset: '7',
  id: type,
  type,
  key: '1',
  recordedAt: new Date(second * 1_000).toISOString(),
  writtenAt: new Date(second * 1_000).toISOString(),
  headers: { ce_source: `/millrace/${source}` },
  value: {},
  cut: false,
});

describe('the sequence of an order', () => {
  const events = [
    event('order', 'OrderCreated', 1),
    event('order', 'CommandSent', 1, { stream: 'saga-fulfillment-1' }),
    event('inventory', 'StockReserved', 2, { causationId: 'ReserveInventory' }),
  ];
  const messages = [
    message('order', 'ReserveInventory', 'inventory-commands', 1),
    message('order', 'ReserveInventory', 'inventory-commands', 1),
    message('inventory', 'InventoryReserved', 'inventory-events', 2),
  ];

  it('has events and messages by time, without the streams of sagas and repeated messages', () => {
    const rows = rowsOf({ events, messages });
    expect(rows.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'event order OrderCreated',
      'message ReserveInventory',
      'event inventory StockReserved',
      'message InventoryReserved',
    ]);
  });

  it('leads a message to the services that acted on it', () => {
    const [, command, , reply] = rowsOf({ events, messages });
    expect(command).toMatchObject({ from: 'order', to: ['inventory'], isCommand: true });
    expect(reply).toMatchObject({ from: 'inventory', to: [], isCommand: false });
  });

  it('draws a lifeline for each service that takes part, in the order of the system', () => {
    const rows = rowsOf({ events, messages });
    expect(lifelinesOf(rows, ['inventory', 'payment', 'order'])).toEqual(['inventory', 'order']);
    expect(lifelinesOf(rows, [])).toEqual(['order', 'inventory']);
  });

  it('names the pattern and a file for each kind of row', () => {
    const files = rowsOf({ events, messages }).map((row) => captionOf(row).file);
    expect(files).toEqual([
      'apps/order/src/domain',
      'apps/order/src/fulfillment/fulfillment.saga.ts',
      'apps/inventory/src/domain',
      'apps/inventory/src/public-messages.ts',
    ]);
  });
});
