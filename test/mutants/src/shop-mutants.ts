import type { Mutant } from './mutant.ts';

/** Faults in the services of the shop, and faults in the libraries that a test of the shop catches. */
export const shopMutants: readonly Mutant[] = [
  {
    name: 'a reservation accepts partial stock',
    why: 'an order is shipped in part but paid in full',
    file: 'apps/inventory/src/domain/reservation.ts',
    replace: 'return missing.length > 0',
    by: 'return missing.length === lines.length',
    test: {
      file: 'apps/inventory/src/domain/reservation.spec.ts',
      name: 'takes nothing when one line is short, and names the missing products',
    },
  },
  {
    name: 'a release returns the quantities in the command',
    why: 'a command that names more than was reserved creates stock',
    file: 'apps/inventory/src/domain/reservation.ts',
    replace: 'const moves = decided.flatMap(movesOf);',
    by: `const moves = decided
    .flatMap(movesOf)
    .map((move, at) => ({ ...move, quantity: command.lines?.[at]?.quantity ?? move.quantity }));`,
    test: {
      file: 'apps/inventory/src/domain/reservation.spec.ts',
      name: 'releases the units it held, whatever quantities the command names',
    },
  },
  {
    name: 'a return takes products that were not shipped',
    why: 'a customer is refunded for a product that the order did not contain',
    file: 'apps/inventory/src/domain/return.ts',
    replace: 'quantity <= (left.get(sku) ?? 0)',
    by: 'quantity <= (left.get(sku) ?? quantity)',
    test: {
      file: 'apps/inventory/src/domain/return.spec.ts',
      name: 'is refused whole if one line exceeds what the order shipped',
    },
  },
  {
    name: 'cancellation marker missing (return)',
    why: 'units that are received after the return was sent back stay apart from the stock forever',
    file: 'apps/inventory/src/domain/return.ts',
    replace: "return { status: 'sent_back' };",
    by: "return event.lines.length === 0 ? initialState : { status: 'sent_back' };",
    test: {
      file: 'apps/inventory/src/domain/return.spec.ts',
      name: 'ends at most once, and a repeated command changes nothing',
    },
  },
  {
    name: 'cancellation marker missing (return label)',
    why: 'a customer gets a label for a return that has ended',
    file: 'apps/shipping/src/domain/return-label.ts',
    replace: "return { status: 'voided', isReceived: state.status === 'received' };",
    by: "return state.status === 'none' ? state : { status: 'voided', isReceived: state.status === 'received' };",
    test: {
      file: 'apps/shipping/src/domain/return-label.spec.ts',
      name: 'answers a voiding even if there was no label, and then ignores the late command',
    },
  },
  {
    name: 'an unwanted label is not voided',
    why: 'a label that the carrier made after its voiding was requested remains valid',
    file: 'apps/shipping/src/domain/return-label.ts',
    replace: '? { ...voidAtCarrier(orderId), answers }',
    by: "? { events: [{ type: 'ReturnLabelVoided', orderId }], answers }",
    test: {
      file: 'apps/shipping/src/domain/return-label.spec.ts',
      name: 'delays a voiding until the carrier has answered, and then answers only the voiding',
    },
  },
  {
    name: 'completion after the customer has cancelled',
    why: 'an order is confirmed as cancelled but still delivered',
    file: 'apps/order/src/domain/order.ts',
    replace:
      "return state.completionRejected\n        ? []\n        : [{ type: 'OrderCompletionRejected', orderId, reason: 'cancelled_by_customer' }];",
    by: "return [{ type: 'OrderCompleted', orderId, completedAt }];",
    test: {
      file: 'apps/order/src/domain/order.spec.ts',
      name: 'rejects its completion after its customer has cancelled, and records that once',
    },
  },
  {
    name: 'message of an unknown type skipped while a saga of an unknown version is live',
    why: 'a rolling release loses replies that only the next version handles',
    file: 'libs/service-chassis/src/modules/saga/saga.module.ts',
    replace: 'skipGuards: [skipGuard],',
    by: 'skipGuards: [],',
    test: {
      file: 'apps/order/src/saga-versions.int.spec.ts',
      name: 'leaves a message that only that release may know on the log',
    },
  },
  {
    name: 'cancellation marker missing (inventory)',
    why: 'a reservation that comes after its release holds stock forever',
    file: 'apps/inventory/src/domain/reservation.ts',
    replace: "return { status: 'released' };",
    by: "return event.lines.length === 0 ? initialState : { status: 'released' };",
    test: {
      file: 'apps/inventory/src/domain/reservation.spec.ts',
      name: 'and a released order reserves nothing again',
    },
  },
  {
    name: 'cancellation marker missing (payment)',
    why: 'a payment that comes after its refund keeps the money forever',
    file: 'apps/payment/src/domain/payment.ts',
    replace:
      "return event.amount === null ? { status: 'void' } : { status: 'refunded', amount: event.amount };",
    by: "return event.amount === null ? initialState : { status: 'refunded', amount: event.amount };",
    test: {
      file: 'apps/payment/src/domain/payment.spec.ts',
      name: 'is answered, and the late payment changes nothing',
    },
  },
  {
    name: 'cancellation marker missing (shipping)',
    why: 'a parcel is booked for an order that was cancelled',
    file: 'apps/shipping/src/domain/shipment.ts',
    replace: "case 'ShipmentCancelled':\n      return { status: 'cancelled' };",
    by: "case 'ShipmentCancelled':\n      return { status: 'none' };",
    test: {
      file: 'apps/shipping/src/domain/shipment.spec.ts',
      name: 'answers a cancellation even if nothing was scheduled, and then ignores the late command',
    },
  },
  {
    name: 'an unwanted charge is not refunded',
    why: 'a charge whose answer came after the refund is kept',
    file: 'apps/payment/src/domain/payment.ts',
    replace: "if (outcome === 'declined') return { events: [nothingRefunded(orderId, payment)], answers };",
    by: "return { events: [{ type: 'PaymentRefunded', orderId, amount: payment.amount }], answers };",
    test: {
      file: 'apps/payment/src/domain/payment.spec.ts',
      name: 'is undone if it is approved after the refund was requested, and only the refund is published',
    },
  },
  {
    name: 'carrier that answers before the step is given up',
    why: 'on a slow machine, the sample order that should time out completes',
    file: 'apps/shipping/src/ports/simulated-carrier.ts',
    replace:
      "\n    AND EXISTS (SELECT FROM event WHERE stream = $2 AND type = 'ShipmentCancellationRequested')",
    by: ' AND $2::text IS NOT NULL',
    test: {
      file: 'apps/shipping/src/shipping.int.spec.ts',
      name: 'gets a late answer only once it was given up, whatever the clock says, even after the service has restarted',
    },
  },
];
