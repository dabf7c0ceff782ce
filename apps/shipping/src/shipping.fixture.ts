import { orderEvents, shippingCommands, shippingEvents, paymentEvents } from '@millrace/contracts';
import {
  openTestService,
  until,
  type PublishedMessage,
  type SentAttributes,
  type TestService,
} from '@millrace/testing/service';
import { settings } from './config.ts';
import { shippingModule } from './shipping.module.ts';

/** The shipping service over HTTP and the log. The test sends the saga's commands. */
export interface ShippingFixture extends TestService {
  schedule(orderId: string, postcode?: string, attributes?: SentAttributes): Promise<string>;
  cancel(orderId: string, attributes?: SentAttributes): Promise<string>;
  /** Tells the service that the order is complete, so that its shipment is dispatched. */
  complete(orderId: string): Promise<string>;
  makeLabel(orderId: string): Promise<string>;
  voidLabel(orderId: string): Promise<string>;
  answers(orderId: string): Promise<readonly PublishedMessage[]>;
  answered(orderId: string, count: number): Promise<readonly PublishedMessage[]>;
  /** Returns the types of the private events, in order. */
  story(orderId: string): Promise<readonly string[]>;
  /** Returns the carrier's bookings for an order. */
  bookings(
    orderId: string,
  ): Promise<readonly { key: string; outcome: string; cancelled: boolean; delivered: boolean }[]>;
}

const address = (postcode: string) => ({
  name: 'Ada Lovelace',
  street: '12 Secret Mill Lane',
  city: 'Berlin',
  postcode,
  country: 'DE',
});

export async function openShipping(): Promise<ShippingFixture> {
  const shipping = await openTestService({
    name: 'shipping',
    settings,
    module: shippingModule,
    logSubject: 'orderId',
    folder: import.meta.dirname,
    topics: [shippingCommands, shippingEvents, orderEvents, paymentEvents],
    env: { SHIPPING_DELIVERY_MS: '20' },
  });
  const answers = (orderId: string) => shipping.published('shipping-events', orderId);
  return {
    ...shipping,
    answers,
    schedule: (orderId, postcode = '10115', attributes) =>
      shipping.send(
        shippingCommands,
        shippingCommands.ScheduleShipment({ orderId, customerId: 'ada', address: address(postcode) }),
        attributes,
      ),
    complete: (orderId) =>
      shipping.send(
        orderEvents,
        orderEvents.OrderCompleted({ orderId, completedAt: '2026-11-20T10:00:00.000Z' }),
      ),
    makeLabel: (orderId) => shipping.send(shippingCommands, shippingCommands.MakeReturnLabel({ orderId })),
    voidLabel: (orderId) => shipping.send(shippingCommands, shippingCommands.VoidReturnLabel({ orderId })),
    cancel: (orderId, attributes) =>
      shipping.send(shippingCommands, shippingCommands.CancelShipment({ orderId }), attributes),
    answered: (orderId, count) =>
      until(
        () => answers(orderId),
        (messages) => messages.length >= count,
      ),
    async story(orderId) {
      const statement = 'SELECT type FROM event WHERE stream = $1 ORDER BY version';
      return (
        await shipping.database.sql.query<{ type: string }>(statement, [`shipment-${orderId}`])
      ).rows.map(({ type }) => type);
    },
    async bookings(orderId) {
      const { rows } = await shipping.database.sql.query<{
        key: string;
        outcome: string;
        cancelled: boolean;
        delivered: boolean;
      }>(
        `SELECT key, outcome, cancelled_at IS NOT NULL AS cancelled, delivered_at IS NOT NULL AS delivered
         FROM simulated_carrier_booking WHERE key LIKE $1 || '%'`,
        [orderId],
      );
      return rows;
    },
  };
}

export const typesOf = (messages: readonly PublishedMessage[]): readonly string[] =>
  messages.map(({ message }) => message.type);
export const causesOf = (messages: readonly PublishedMessage[]) =>
  messages.map(({ headers }) => headers.get('ce_causationid'));
export const sagasOf = (messages: readonly PublishedMessage[]) =>
  messages.map(({ headers }) => headers.get('ce_saga'));
