import { describe, expect, it } from '@jest/globals';
import { isRejected } from '@millrace/event-sourcing';
import { erased } from '@millrace/streaming-core/personal';
import { given } from '@millrace/testing';
import type { Order } from '../domain/order.ts';
import type { ReturnEvent } from './events.ts';
import { orderReturn, requestReturn } from './return.ts';

const orderId = 'o1';
const at = '2026-11-25T10:00:00.000Z';
const shippingAddress = { name: 'Ada', street: 'Mill Lane 1', city: 'Leeds', postcode: 'LS1', country: 'GB' };
const completed: Order = {
  status: 'completed',
  orderId,
  customerId: 'ada',
  lines: [
    { sku: 'lamp', quantity: 2, unitPrice: 20_00 },
    { sku: 'desk', quantity: 1, unitPrice: 300_00 },
  ],
  total: { amount: 340_00, currency: 'EUR' },
  style: 'orchestrated',
  personal: { shippingAddress, email: 'ada@example.org', paymentMethod: 'account' },
};
const ask = (
  lines: { sku: string; quantity: number }[],
  order: Order = completed,
  state = orderReturn.initialState,
) => requestReturn({ orderId, lines, requestedAt: at }, { order, orderReturn: state });

const requested = (amount = 20_00): ReturnEvent => ({
  type: 'ReturnRequested',
  orderId,
  customerId: 'ada',
  lines: [{ sku: 'lamp', quantity: 1 }],
  refund: { amount, currency: 'EUR' },
  requestedAt: at,
  personal: { subject: 'ada', email: 'ada@example.org', name: 'Ada' },
});
const valuable = requested(300_00);
const approve = { type: 'ApproveReturn', orderId, approvedAt: at } as const;
const deny = { type: 'DenyReturn', orderId, deniedAt: at } as const;
const withdraw = { type: 'WithdrawReturn', orderId, withdrawnAt: at } as const;
const complete = { type: 'CompleteReturn', orderId, completedAt: at } as const;
const close = { type: 'CloseReturn', orderId, reason: 'parcel_overdue', closedAt: at } as const;
const approved: ReturnEvent = { type: 'ReturnApproved', orderId, approvedAt: at };
const denied: ReturnEvent = { type: 'ReturnDenied', orderId, deniedAt: at };
const withdrawn: ReturnEvent = { type: 'ReturnWithdrawn', orderId, withdrawnAt: at };
const done: ReturnEvent = { type: 'ReturnCompleted', orderId, completedAt: at };
const closed: ReturnEvent = { type: 'ReturnClosed', orderId, reason: 'parcel_overdue', closedAt: at };
const notCompleted: ReturnEvent = {
  type: 'ReturnCompletionRejected',
  orderId,
  reason: 'withdrawn_by_customer',
};

describe('a request for a return', () => {
  it('is worth what its lines did cost', () => {
    expect(ask([{ sku: 'lamp', quantity: 1 }])).toEqual({ events: { orderReturn: [requested()] } });
    expect(ask([{ sku: 'desk', quantity: 1 }])).toMatchObject({
      events: { orderReturn: [{ refund: { amount: 300_00, currency: 'EUR' } }] },
    });
  });

  it.each<[string, ReturnType<typeof ask>]>([
    ['unknown_order', ask([{ sku: 'lamp', quantity: 1 }], { status: 'absent' })],
    [
      'order_not_completed',
      ask([{ sku: 'lamp', quantity: 1 }], { ...completed, status: 'pending' } as Order),
    ],
    ['not_in_order', ask([{ sku: 'lamp', quantity: 3 }])],
    ['not_in_order', ask([{ sku: 'sofa', quantity: 1 }])],
    ['customer_erased', ask([{ sku: 'lamp', quantity: 1 }], { ...completed, personal: erased })],
    [
      'return_exists',
      ask(
        [{ sku: 'lamp', quantity: 1 }],
        completed,
        orderReturn.evolve(orderReturn.initialState, requested()),
      ),
    ],
  ])('is refused as %s', (code, outcome) => {
    expect(isRejected(outcome) && outcome.rejected).toBe(code);
  });
});

describe('a return', () => {
  it('is decided once by an operator, and only above the limit', () => {
    given(orderReturn, [valuable]).when(approve).then([approved]);
    given(orderReturn, [valuable, approved]).when(approve).then([]);
    given(orderReturn, [valuable]).when(deny).then([denied]);
    given(orderReturn, [valuable, denied]).when(approve).thenRejected('return_decided');
    given(orderReturn, [requested()]).when(approve).thenRejected('approval_not_needed');
    given(orderReturn, [valuable, withdrawn]).when(approve).thenRejected('return_ended');
    given(orderReturn).when(approve).thenRejected('unknown_return');
  });

  it('D20 is either completed or withdrawn, whichever comes first in its stream', () => {
    given(orderReturn, [requested()]).when(complete).then([done]);
    given(orderReturn, [requested(), done]).when(complete).then([]);
    given(orderReturn, [requested(), done]).when(withdraw).thenRejected('return_ended');
    given(orderReturn, [requested()]).when(withdraw).then([withdrawn]);
    given(orderReturn, [requested(), withdrawn]).when(withdraw).then([]);
    given(orderReturn, [requested(), withdrawn]).when(complete).then([notCompleted]);
    given(orderReturn, [requested(), withdrawn, notCompleted]).when(complete).then([]);
  });

  it('is closed once with its reason, and never after its completion', () => {
    given(orderReturn, [requested()]).when(close).then([closed]);
    given(orderReturn, [requested(), closed]).when(close).then([]);
    given(orderReturn, [requested(), done]).when(close).thenRejected('return_ended');
    given(orderReturn, [requested(), closed])
      .when(complete)
      .then([{ type: 'ReturnCompletionRejected', orderId, reason: 'parcel_overdue' }]);
  });

  it('is announced once', () => {
    const announce = { type: 'AnnounceReturn', orderId, trackingNumber: 'RL-1' } as const;
    const announced: ReturnEvent = { ...announce, type: 'ReturnAnnounced' };
    given(orderReturn, [requested()]).when(announce).then([announced]);
    given(orderReturn, [requested(), announced]).when(announce).then([]);
  });
});
