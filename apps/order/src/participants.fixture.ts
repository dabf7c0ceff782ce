import {
  inventoryCommands,
  inventoryEvents,
  paymentCommands,
  paymentEvents,
  shippingCommands,
  shippingEvents,
} from '@millrace/contracts';
import type { OrderFixture } from './order.fixture.ts';

const inventory = inventoryCommands;
const payment = paymentCommands;
const shipping = shippingCommands;
const amount = { amount: 25_00, currency: 'EUR' };

/** Plays inventory, payment and shipping for a test. */
export function participants(order: () => OrderFixture) {
  const linesOf = async (orderId: string) =>
    ((await order().view(orderId)).lines as { sku: string; quantity: number }[]).map(({ sku, quantity }) => ({
      sku,
      quantity,
    }));

  const says = {
    reserved: async (orderId: string) =>
      order().answer(
        { topic: inventory, type: 'ReserveInventory' },
        {
          topic: inventoryEvents,
          message: inventoryEvents.InventoryReserved({ orderId, lines: await linesOf(orderId) }),
        },
      ),
    outOfStock: (orderId: string) =>
      order().answer(
        { topic: inventory, type: 'ReserveInventory' },
        {
          topic: inventoryEvents,
          message: inventoryEvents.InventoryReserveFailed({ orderId, reason: 'out_of_stock', missing: [] }),
        },
      ),
    paid: (orderId: string) =>
      order().answer(
        { topic: payment, type: 'ProcessPayment' },
        { topic: paymentEvents, message: paymentEvents.PaymentProcessed({ orderId, amount }) },
      ),
    scheduled: (orderId: string) =>
      order().answer(
        { topic: shipping, type: 'ScheduleShipment' },
        { topic: shippingEvents, message: shippingEvents.ShipmentScheduled({ orderId }) },
      ),
    refused: (orderId: string) =>
      order().answer(
        { topic: shipping, type: 'ScheduleShipment' },
        {
          topic: shippingEvents,
          message: shippingEvents.ShipmentFailed({ orderId, reason: 'address_refused' }),
        },
      ),
    committed: async (orderId: string) =>
      order().answer(
        { topic: inventory, type: 'CommitReservation' },
        {
          topic: inventoryEvents,
          message: inventoryEvents.ReservationCommitted({ orderId, lines: await linesOf(orderId) }),
        },
      ),
    refunded: (orderId: string) =>
      order().answer(
        { topic: payment, type: 'RefundPayment' },
        { topic: paymentEvents, message: paymentEvents.PaymentRefunded({ orderId, amount }) },
      ),
    released: async (orderId: string) =>
      order().answer(
        { topic: inventory, type: 'ReleaseInventory' },
        {
          topic: inventoryEvents,
          message: inventoryEvents.InventoryReleased({ orderId, lines: await linesOf(orderId) }),
        },
      ),
  };

  /** Accept the steps up to the completion of the order, in their order. */
  const accepts = [says.reserved, says.paid, says.scheduled];

  const completes = async (orderId: string) => {
    for (const accept of accepts) await accept(orderId);
  };

  return { says, accepts, completes };
}
