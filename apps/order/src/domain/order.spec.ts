import { describe, expect, it } from '@jest/globals';
import { given, playCommands } from '@millrace/testing';
import { fc } from '@millrace/testing/random';
import { order, type OrderCommand } from './order.ts';
import type { OrderEvent } from './events.ts';

const orderId = '01936d3e-0000-7000-8000-000000000001';
const placing = {
  orderId,
  customerId: 'ada',
  lines: [{ sku: 'lamp', quantity: 2, unitPrice: 12_50 }],
  total: { amount: 25_00, currency: 'EUR' },
  placedAt: '2026-11-20T10:00:00.000Z',
  style: 'orchestrated' as const,
  personal: {
    shippingAddress: { name: 'Ada', street: 'Mill Lane 1', city: 'Berlin', postcode: '10115', country: 'DE' },
    email: 'ada@example.org',
    paymentMethod: 'account' as const,
  },
};
const at = '2026-11-20T10:00:01.000Z';

const created: OrderEvent = {
  type: 'OrderCreated',
  ...placing,
  personal: { subject: 'ada', ...placing.personal },
};
const cancellationRequested: OrderEvent = { type: 'OrderCancellationRequested', orderId, requestedAt: at };
const completed: OrderEvent = { type: 'OrderCompleted', orderId, completedAt: at };
const completionRejected: OrderEvent = {
  type: 'OrderCompletionRejected',
  orderId,
  reason: 'cancelled_by_customer',
};
const cancelled = (reason: 'cancelled_by_customer' | 'out_of_stock'): OrderEvent => ({
  type: 'OrderCancelled',
  orderId,
  reason,
  cancelledAt: at,
});

const place: OrderCommand = { type: 'PlaceOrder', ...placing };
const requestCancellation: OrderCommand = { type: 'RequestCancellation', orderId, requestedAt: at };
const complete: OrderCommand = { type: 'CompleteOrder', orderId, completedAt: at };
const cancel: OrderCommand = { type: 'CancelOrder', orderId, reason: 'out_of_stock', cancelledAt: at };

describe('an order', () => {
  it('is created once', () => {
    given(order).when(place).then([created]);
    given(order, [created]).when(place).thenRejected('order_exists');
  });

  it('is unknown until it is placed', () => {
    for (const command of [requestCancellation, complete, cancel])
      given(order).when(command).thenRejected('unknown_order');
  });

  it('is completed once', () => {
    given(order, [created]).when(complete).then([completed]);
    given(order, [created, completed]).when(complete).then([]);
  });

  it('is cancelled once, with the reason', () => {
    given(order, [created])
      .when(cancel)
      .then([cancelled('out_of_stock')]);
    given(order, [created, cancelled('out_of_stock')])
      .when(cancel)
      .then([]);
  });

  it('cannot be cancelled by its customer once it is completed', () => {
    given(order, [created, completed])
      .when(requestCancellation)
      .thenRejected('order_not_cancellable', { orderStatus: 'completed' });
  });

  it('D07 rejects its completion after its customer has cancelled, and records that once', () => {
    given(order, [created, cancellationRequested]).when(complete).then([completionRejected]);
    given(order, [created, cancellationRequested, completionRejected]).when(complete).then([]);
  });

  it('accepts a repeated cancellation, even after it was cancelled', () => {
    given(order, [created]).when(requestCancellation).then([cancellationRequested]);
    given(order, [created, cancellationRequested]).when(requestCancellation).then([]);
    given(order, [created, cancellationRequested, cancelled('cancelled_by_customer')])
      .when(requestCancellation)
      .then([]);
  });

  it('accepts a repeated cancellation even if it was cancelled for another reason meanwhile', () => {
    given(order, [created, cancellationRequested, cancelled('out_of_stock')])
      .when(requestCancellation)
      .then([]);
  });

  it('tells a customer who cancels too late why it was already cancelled', () => {
    given(order, [created, cancelled('out_of_stock')])
      .when(requestCancellation)
      .thenRejected('order_not_cancellable', { orderStatus: 'cancelled', reason: 'out_of_stock' });
  });

  it('ends as cancelled after a cancellation, and rejects a late completion', () => {
    given(order, [created, cancellationRequested])
      .when(cancel)
      .then([cancelled('out_of_stock')]);
    given(order, [created, cancelled('out_of_stock')])
      .when(complete)
      .then([{ type: 'OrderCompletionRejected', orderId, reason: 'out_of_stock' }]);
    given(order, [created, cancellationRequested, completionRejected, cancelled('cancelled_by_customer')])
      .when(complete)
      .then([]);
    given(order, [
      created,
      cancelled('out_of_stock'),
      { type: 'OrderCompletionRejected', orderId, reason: 'out_of_stock' },
    ])
      .when(complete)
      .then([]);
  });

  it('D07 is never cancelled after its completion', () => {
    given(order, [created, completed])
      .when(cancel)
      .thenRejected('order_not_cancellable', { orderStatus: 'completed' });
  });
});

describe('an order that gets any commands in any order', () => {
  const commands = fc.array(fc.constantFrom(place, requestCancellation, complete, cancel), { maxLength: 12 });

  it('P08 ends at most once, and never reverses an accepted cancellation or a completion', () => {
    fc.assert(
      fc.property(commands, (given) => {
        const { state, events } = playCommands(order, given);
        const types = events.map(({ type }) => type);
        const ends = types.filter((type) => type === 'OrderCompleted' || type === 'OrderCancelled');
        expect(ends.length).toBeLessThanOrEqual(1);
        expect(new Set(types).size).toBe(types.length);
        if (types.includes('OrderCancellationRequested')) expect(state.status).toMatch(/^cancel/);
        if (types.includes('OrderCompletionRejected')) expect(ends).not.toContain('OrderCompleted');
        if (ends.length === 1)
          expect(state.status).toBe(ends[0] === 'OrderCompleted' ? 'completed' : 'cancelled');
      }),
    );
  });
});
