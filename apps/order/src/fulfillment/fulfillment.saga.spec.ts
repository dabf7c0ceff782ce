import { describe, expect, it } from '@jest/globals';
import { inventoryEvents, orderEvents, paymentEvents, shippingEvents } from '@millrace/contracts';
import type { Message } from '@millrace/streaming-core/contract';
import {
  awaited,
  defaultSagaSettings,
  sagaDecider,
  tokenOf,
  topicsOf,
  type CommandToSend,
  type SagaDecision,
  type SagaInput,
  type SagaState,
} from '@millrace/saga';
import { fulfillment, type FulfillmentPersonal } from './fulfillment.saga.ts';

const orderId = '0199e5a0-0000-7000-8000-000000000001';
const total = { amount: 40_00, currency: 'EUR' };
const lines = [{ sku: 'lamp', quantity: 2 }];
const at = '2026-11-20T09:00:00.000Z';
const orderCreated = orderEvents.OrderCreated({
  orderId,
  customerId: 'ada',
  lines: [{ sku: 'lamp', quantity: 2, unitPrice: 20_00 }],
  total,
  placedAt: at,
});
const personal: FulfillmentPersonal = {
  shippingAddress: { name: 'Ada', street: 'Mill Lane 1', city: 'Leeds', postcode: 'LS1', country: 'GB' },
  paymentMethod: { card: 'tok_approve' },
};

const replies: Record<string, Message> = {
  InventoryReserved: inventoryEvents.InventoryReserved({ orderId, lines }),
  InventoryReserveFailed: inventoryEvents.InventoryReserveFailed({
    orderId,
    reason: 'out_of_stock',
    missing: ['lamp'],
  }),
  InventoryReleased: inventoryEvents.InventoryReleased({ orderId, lines }),
  ReservationCommitted: inventoryEvents.ReservationCommitted({ orderId, lines }),
  PaymentProcessed: paymentEvents.PaymentProcessed({ orderId, amount: total }),
  PaymentFailed: paymentEvents.PaymentFailed({ orderId, reason: 'card_declined' }),
  PaymentRefunded: paymentEvents.PaymentRefunded({ orderId, amount: total }),
  ShipmentScheduled: shippingEvents.ShipmentScheduled({ orderId }),
  ShipmentFailed: shippingEvents.ShipmentFailed({ orderId, reason: 'address_refused' }),
  ShipmentCancelled: shippingEvents.ShipmentCancelled({ orderId }),
  OrderCompleted: orderEvents.OrderCompleted({ orderId, completedAt: at }),
  OrderCompletionRejected: orderEvents.OrderCompletionRejected({ orderId, reason: 'cancelled_by_customer' }),
  OrderCancelled: orderEvents.OrderCancelled({ orderId, reason: 'out_of_stock', cancelledAt: at }),
};

/** Runs the saga through messages by their names, `silence` and `cancel`; returns the commands it sent. */
function fulfil(...inputs: readonly string[]): { sent: Message[]; state: SagaState } {
  const decider = sagaDecider(fulfillment, defaultSagaSettings);
  const sent: Message[] = [];
  let state = decider.initialState;
  let ids = 0;
  const take = (input: SagaInput) => {
    const decision = decider.decide(input, state, () => `c${++ids}`);
    state = decision.state;
    sent.push(...decision.commands.map((command) => built(command, decision)));
  };
  take({
    type: 'start',
    sagaId: orderId,
    message: orderCreated,
    messageId: 'm0',
    correlationId: orderId,
    startTopic: 'order-events',
    partition: 0,
    at,
  });
  for (const input of inputs) {
    const exchange = awaited(state)[0]?.exchange;
    if (exchange === undefined) throw new Error(`${input}: the saga waits for nothing`);
    if (input === 'silence') take({ type: 'timer', token: tokenOf(exchange), at });
    else if (input === 'cancel') take({ type: 'cancel', messageId: 'm-cancel', at });
    else
      take({
        type: 'reply',
        message: replies[input]!,
        messageId: `m-${input}`,
        causationId: exchange.commandId,
        at,
      });
  }
  return { sent, state };
}

function built({ step: name, role }: CommandToSend, { state }: SagaDecision): Message {
  const step = fulfillment.steps.find((each) => each.name === name);
  const build =
    role === 'closing'
      ? fulfillment.closing.command
      : role === 'compensation' && step?.kind === 'compensatable'
        ? step.compensation
        : step?.command;
  return build!({ start: orderCreated, personal, failure: 'failure' in state ? state.failure : undefined });
}

const done = ['InventoryReserved', 'PaymentProcessed', 'ShipmentScheduled'];
const happyCommands = ['ReserveInventory', 'ProcessPayment', 'ScheduleShipment', 'CompleteOrder'];

describe('the fulfillment of an order', () => {
  it.each([
    {
      name: 'completes',
      given: [...done, 'OrderCompleted', 'ReservationCommitted'],
      sends: [...happyCommands, 'CommitReservation'],
      ends: 'completed',
    },
    {
      name: 'is cancelled when stock is out: nothing was charged, nothing is released',
      given: ['InventoryReserveFailed', 'OrderCancelled'],
      sends: ['ReserveInventory', 'CancelOrder'],
      ends: 'out_of_stock',
    },
    {
      name: 'releases the stock when the payment fails',
      given: ['InventoryReserved', 'PaymentFailed', 'InventoryReleased', 'OrderCancelled'],
      sends: ['ReserveInventory', 'ProcessPayment', 'ReleaseInventory', 'CancelOrder'],
      ends: 'card_declined',
    },
    {
      name: 'refunds and releases when the carrier refuses',
      given: [
        'InventoryReserved',
        'PaymentProcessed',
        'ShipmentFailed',
        'PaymentRefunded',
        'InventoryReleased',
        'OrderCancelled',
      ],
      sends: [
        'ReserveInventory',
        'ProcessPayment',
        'ScheduleShipment',
        'RefundPayment',
        'ReleaseInventory',
        'CancelOrder',
      ],
      ends: 'address_refused',
    },
    {
      name: 'undoes the silent shipment too',
      given: [
        'InventoryReserved',
        'PaymentProcessed',
        'silence',
        'silence',
        'silence',
        'ShipmentCancelled',
        'PaymentRefunded',
        'InventoryReleased',
      ],
      sends: [
        'ReserveInventory',
        'ProcessPayment',
        'ScheduleShipment',
        'ScheduleShipment',
        'ScheduleShipment',
        'CancelShipment',
        'RefundPayment',
        'ReleaseInventory',
        'CancelOrder',
      ],
      ends: 'step_timeout',
    },
    {
      name: 'undoes everything for a customer who cancels in time',
      given: ['InventoryReserved', 'cancel', 'PaymentRefunded', 'InventoryReleased', 'OrderCancelled'],
      sends: ['ReserveInventory', 'ProcessPayment', 'RefundPayment', 'ReleaseInventory', 'CancelOrder'],
      ends: 'cancelled_by_customer',
    },
    {
      name: "lets the order's own stream decide between completion and cancellation",
      given: [
        ...done,
        'cancel',
        'OrderCompletionRejected',
        'ShipmentCancelled',
        'PaymentRefunded',
        'InventoryReleased',
      ],
      sends: [...happyCommands, 'CancelShipment', 'RefundPayment', 'ReleaseInventory', 'CancelOrder'],
      ends: 'cancelled_by_customer',
    },
    {
      name: 'completes when completion was first',
      given: [...done, 'cancel', 'OrderCompleted', 'ReservationCommitted'],
      sends: [...happyCommands, 'CommitReservation'],
      ends: 'completed',
    },
  ])('$name', ({ given, sends, ends }) => {
    const { sent, state } = fulfil(...given);

    expect(sent.map(({ type }) => type)).toEqual(sends);
    expect('failure' in state ? state.failure.reason : state.status).toBe(ends);
    if (ends !== 'completed') expect(sent.at(-1)).toEqual({ type: 'CancelOrder', orderId, reason: ends });
  });

  it('gives each participant what it needs and no more', () => {
    const { sent } = fulfil('InventoryReserved', 'PaymentProcessed');

    expect(sent).toEqual([
      { type: 'ReserveInventory', orderId, lines },
      {
        type: 'ProcessPayment',
        orderId,
        customerId: 'ada',
        amount: total,
        paymentMethod: { card: 'tok_approve' },
      },
      { type: 'ScheduleShipment', orderId, address: personal.shippingAddress },
    ]);
  });

  it('reads the events of the participants and of its own order', () => {
    expect(topicsOf(fulfillment)).toEqual([
      'order-events',
      'inventory-events',
      'payment-events',
      'shipping-events',
    ]);
  });
});
