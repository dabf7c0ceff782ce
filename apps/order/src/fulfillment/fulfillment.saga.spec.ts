import { describe, expect, it } from '@jest/globals';
import { inventoryCommands, orderCommands, paymentCommands, shippingCommands } from '@millrace/contracts';
import { topicsOf } from '@millrace/saga';
import { everyFault, givenSaga } from '@millrace/saga/testing';
import { fulfillmentSamples, lines, orderId, personal, total } from './fulfillment.fixture.ts';
import { fulfillment } from './fulfillment.saga.ts';

const { start, ...options } = fulfillmentSamples;
const givenOrder = () => givenSaga(fulfillment, start, options);
const readyToComplete = () =>
  givenOrder().answers('InventoryReserved', 'PaymentProcessed', 'ShipmentScheduled');
const happyCommands = ['ReserveInventory', 'ProcessPayment', 'ScheduleShipment'];

describe('the fulfillment of an order', () => {
  it('completes', () => {
    readyToComplete()
      .answers('OrderCompleted', 'ReservationCommitted')
      .sends(...happyCommands, 'CommitReservation')
      .endsAs('completed');
  });

  it('cancels the order if stock is out, without a refund or a release', () => {
    givenOrder()
      .answers('InventoryReserveFailed', 'OrderCancelled')
      .sends('ReserveInventory', orderCommands.CancelOrder({ orderId, reason: 'out_of_stock' }))
      .endsAs('out_of_stock');
  });

  it('releases the stock when the payment fails', () => {
    givenOrder()
      .answers('InventoryReserved', 'PaymentFailed', 'InventoryReleased', 'OrderCancelled')
      .sends(
        'ReserveInventory',
        'ProcessPayment',
        'ReleaseInventory',
        orderCommands.CancelOrder({ orderId, reason: 'card_declined' }),
      )
      .endsAs('card_declined');
  });

  it('refunds and releases when the carrier refuses', () => {
    givenOrder()
      .answers('InventoryReserved', 'PaymentProcessed', 'ShipmentFailed')
      .answers('PaymentRefunded', 'InventoryReleased', 'OrderCancelled')
      .sends(
        'ReserveInventory',
        'ProcessPayment',
        'ScheduleShipment',
        'RefundPayment',
        'ReleaseInventory',
        orderCommands.CancelOrder({ orderId, reason: 'address_refused' }),
      )
      .endsAs('address_refused');
  });

  it('also cancels a shipment that shipping has not confirmed in time', () => {
    givenOrder()
      .answers('InventoryReserved', 'PaymentProcessed')
      .staysSilent(3)
      .answers('ShipmentCancelled', 'PaymentRefunded', 'InventoryReleased', 'OrderCancelled')
      .sends(
        'ReserveInventory',
        'ProcessPayment',
        'ScheduleShipment',
        'ScheduleShipment',
        'ScheduleShipment',
        'CancelShipment',
        'RefundPayment',
        'ReleaseInventory',
        orderCommands.CancelOrder({ orderId, reason: 'step_timeout' }),
      )
      .endsAs('step_timeout');
  });

  it('undoes everything if the customer cancels in time, including the payment that is under way', () => {
    givenOrder()
      .answers('InventoryReserved')
      .cancels()
      .answersLate('PaymentProcessed')
      .answers('PaymentRefunded', 'InventoryReleased', 'OrderCancelled')
      .sends(
        'ReserveInventory',
        'ProcessPayment',
        'RefundPayment',
        'ReleaseInventory',
        orderCommands.CancelOrder({ orderId, reason: 'cancelled_by_customer' }),
      )
      .endsAs('cancelled_by_customer');
  });

  it("lets the order's own stream decide between completion and cancellation", () => {
    readyToComplete()
      .cancels()
      .answers('OrderCompletionRejected')
      .answers('ShipmentCancelled', 'PaymentRefunded', 'InventoryReleased', 'OrderCancelled')
      .sends(
        ...happyCommands,
        'CancelShipment',
        'RefundPayment',
        'ReleaseInventory',
        orderCommands.CancelOrder({ orderId, reason: 'cancelled_by_customer' }),
      )
      .endsAs('cancelled_by_customer');
  });

  it('completes the order if the completion comes before the cancellation', () => {
    readyToComplete()
      .cancels()
      .answers('OrderCompleted', 'ReservationCommitted')
      .sends(...happyCommands, 'CommitReservation')
      .endsAs('completed');
  });

  it('sends nothing twice when a participant answers twice', () => {
    givenOrder()
      .answersTwice('InventoryReserved')
      .answersTwice('PaymentProcessed')
      .sends('ReserveInventory', 'ProcessPayment', 'ScheduleShipment')
      .awaits('ScheduleShipment');
  });

  it('gives each participant what it needs and no more', () => {
    givenOrder()
      .answers('InventoryReserved', 'PaymentProcessed')
      .sends(
        inventoryCommands.ReserveInventory({ orderId, lines }),
        paymentCommands.ProcessPayment({
          orderId,
          customerId: 'ada',
          amount: total,
          paymentMethod: { card: 'tok_approve' },
        }),
        shippingCommands.ScheduleShipment({
          orderId,
          customerId: 'ada',
          address: personal.shippingAddress,
        }),
      );
  });

  it('reads the events of the participants and of the order service', () => {
    expect(topicsOf(fulfillment)).toEqual([
      'order-events',
      'inventory-events',
      'payment-events',
      'shipping-events',
    ]);
  });
});

describe('every fault of the fulfillment', () => {
  it.each(everyFault(fulfillment, { starts: [start], ...options }))(
    'S01 $title, alone and with every other fault: it ends once, with everything undone or nothing',
    ({ title, play }) => {
      expect(play()).toContain(title);
    },
  );
});
