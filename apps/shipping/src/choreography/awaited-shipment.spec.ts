import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { foldEvents, type Erased } from '@millrace/event-sourcing';
import { assertGoldenEventsFold } from '@millrace/testing';
import { shipment, type Shipment } from '../domain/shipment.ts';
import {
  awaitedShipment,
  awaitedShipmentEventTypes,
  bookOnceComplete,
  type AwaitedShipmentEvent,
} from './awaited-shipment.ts';

const orderId = '0199f000-0000-4000-8000-000000000001';
const address = { name: 'Ada', street: 'Mill Lane 1', city: 'Berlin', postcode: '10115', country: 'DE' };
const details: AwaitedShipmentEvent = {
  type: 'ShippingDetailsReceived',
  orderId,
  customerId: 'ada',
  personal: { subject: 'ada', address },
};
const paid: AwaitedShipmentEvent = { type: 'PaymentSeen', orderId };

/** What shipping decides when `arrived` comes after the events in `before`. */
const arrives = (
  arrived: AwaitedShipmentEvent,
  before: readonly AwaitedShipmentEvent[],
  state: Shipment = shipment.initialState,
) => bookOnceComplete(arrived, { awaited: foldEvents(awaitedShipment, before), shipment: state });

describe('the shipment of a choreographed order', () => {
  it.each([
    ['the details', details, paid],
    ['the payment', paid, details],
  ])('waits for both, and is booked when %s come last', (_, last, first) => {
    expect(arrives(first, []).events).toEqual({ awaited: [first] });
    const { events, calls } = arrives(last, [first]);
    expect(events.awaited).toEqual([last]);
    expect(events.shipment?.map(({ type }) => type)).toEqual(['BookingRequested']);
    expect(calls).toEqual([{ type: 'BookShipment', orderId, customerId: 'ada', address }]);
  });

  it('records repeated details once, and books nothing twice', () => {
    expect(arrives(details, [details]).events).toEqual({ awaited: [] });
    expect(arrives(details, [details, paid], { status: 'scheduled' }).events).toEqual({
      awaited: [],
      shipment: [],
    });
  });

  it('books nothing once the order has failed, or the customer was erased', () => {
    expect(arrives(paid, [details], { status: 'cancelled' }).events).toEqual({
      awaited: [paid],
      shipment: [],
    });
    const erased: Erased = { erased: true };
    expect(arrives(paid, [{ ...details, personal: erased }]).events).toEqual({ awaited: [paid] });
  });
});

it('the events of an awaited shipment fold to the states that they had when they were released', () => {
  assertGoldenEventsFold(join(import.meta.dirname, 'golden-events'), awaitedShipmentEventTypes, {
    awaited: awaitedShipment,
  });
});
