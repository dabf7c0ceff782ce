import {
  fields,
  orderStyle,
  type CancellationReason,
  type Money,
  type OrderStyle,
  type PaymentMethod,
  type PricedLine,
  type ShippingAddress,
} from '@millrace/contracts';
import {
  declareEvents,
  firstVersion,
  fromVersion1,
  type Erased,
  type PersonalPart,
} from '@millrace/event-sourcing';
import { z } from 'zod';

/**
 * The customer's personal data. It is stored apart from the rest of the event, never published, and
 * passed to other services only in commands.
 */
export interface OrderPersonal extends PersonalPart {
  readonly shippingAddress: ShippingAddress;
  readonly email: string;
  readonly paymentMethod: PaymentMethod;
}

export type OrderEvent =
  | {
      readonly type: 'OrderCreated';
      readonly orderId: string;
      readonly customerId: string;
      readonly lines: readonly PricedLine[];
      readonly total: Money;
      readonly placedAt: string;
      readonly style: OrderStyle;
      readonly personal: OrderPersonal | Erased;
    }
  | { readonly type: 'OrderCancellationRequested'; readonly orderId: string; readonly requestedAt: string }
  | {
      readonly type: 'OrderCompletionRejected';
      readonly orderId: string;
      readonly reason: CancellationReason;
    }
  | { readonly type: 'OrderCompleted'; readonly orderId: string; readonly completedAt: string }
  | {
      readonly type: 'OrderCancelled';
      readonly orderId: string;
      readonly reason: CancellationReason;
      readonly cancelledAt: string;
    };

/** Until orders could be choreographed, a saga directed every order. */
const orderCreated1 = z.strictObject({
  type: z.literal('OrderCreated'),
  orderId: fields.orderId,
  customerId: fields.customerId,
  lines: z.array(fields.pricedLine).readonly(),
  total: fields.money,
  placedAt: fields.instant,
  personal: z.union([
    z.strictObject({ erased: z.literal(true) }),
    z.strictObject({
      /** Releases without keys did not name it. */
      subject: fields.customerId.optional(),
      shippingAddress: fields.shippingAddress,
      email: z.string(),
      paymentMethod: fields.paymentMethod,
    }),
  ]),
});

const orderCreated2 = z.strictObject({ ...orderCreated1.shape, style: orderStyle });

export const orderEventTypes = declareEvents<OrderEvent>({
  OrderCreated: fromVersion1(orderCreated1).upcastTo(
    orderCreated2,
    (event) => ({ ...event, style: 'orchestrated' }),
    { fitsBefore: ({ style, ...event }) => (style === 'orchestrated' ? event : undefined) },
  ),
  OrderCancellationRequested: firstVersion,
  OrderCompletionRejected: firstVersion,
  OrderCompleted: firstVersion,
  OrderCancelled: firstVersion,
});
