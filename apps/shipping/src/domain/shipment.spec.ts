import { describe, expect, it } from '@jest/globals';
import { given, playCommands } from '@millrace/testing';
import { fc } from '@millrace/testing/random';
import { shipment, type ShipmentCommand } from './shipment.ts';
import type { ShipmentEvent } from './events.ts';

const orderId = 'o1';
const address = { name: 'Ada', street: 'Mill Lane 1', city: 'Berlin', postcode: '10115', country: 'DE' };
const schedule = { type: 'ScheduleShipment', orderId, customerId: 'ada', address } as const;
const cancel = { type: 'CancelShipment', orderId, commandId: 'c1' } as const;

const requested: ShipmentEvent = { type: 'BookingRequested', orderId, personal: { subject: 'ada', address } };
const scheduled: ShipmentEvent = { type: 'ShipmentScheduled', orderId };
const refused: ShipmentEvent = { type: 'ShipmentFailed', orderId, reason: 'address_refused' };
const cancelled: ShipmentEvent = { type: 'ShipmentCancelled', orderId };
const cancellationRequested: ShipmentEvent = {
  type: 'ShipmentCancellationRequested',
  orderId,
  commandId: 'c1',
};
const cancellingBooking: ShipmentEvent = { type: 'BookingCancellationRequested', orderId };
const dispatched: ShipmentEvent = { type: 'ShipmentDispatched', orderId };
const delivered: ShipmentEvent = { type: 'ShipmentDelivered', orderId };

describe('a shipment', () => {
  it('asks the carrier once, and is scheduled or refused depending on the answer', () => {
    given(shipment).when(schedule).then([requested]);
    given(shipment, [requested]).when(schedule).then([]);
    given(shipment, [requested])
      .when({ type: 'RecordBooking', orderId, outcome: 'booked' })
      .then([scheduled]);
    given(shipment, [requested]).when({ type: 'RecordBooking', orderId, outcome: 'refused' }).then([refused]);
    given(shipment, [requested, scheduled])
      .when({ type: 'RecordBooking', orderId, outcome: 'booked' })
      .then([]);
  });

  it('is cancelled at the carrier if it was scheduled', () => {
    given(shipment, [requested, scheduled]).when(cancel).then([cancellingBooking]);
    given(shipment, [requested, scheduled, cancellingBooking])
      .when({ type: 'RecordBookingCancelled', orderId })
      .then([cancelled]);
  });

  it('answers a cancellation even if nothing was scheduled, and then ignores the late command', () => {
    given(shipment).when(cancel).then([cancelled]);
    given(shipment, [cancelled]).when(schedule).then([]);
    given(shipment, [requested, refused]).when(cancel).then([cancelled]);
    given(shipment, [cancelled]).when(cancel).then([]);
  });

  it('delays a cancellation until the carrier has answered, and then answers only the cancellation', () => {
    given(shipment, [requested]).when(cancel).then([cancellationRequested]);
    given(shipment, [requested, cancellationRequested])
      .when({ type: 'RecordBooking', orderId, outcome: 'booked' })
      .then([cancellingBooking]);
    given(shipment, [requested, cancellationRequested])
      .when({ type: 'RecordBooking', orderId, outcome: 'refused' })
      .then([cancelled]);
    for (const outcome of ['booked', 'refused'] as const)
      given(shipment, [requested, cancellationRequested])
        .when({ type: 'RecordBooking', orderId, outcome })
        .thenAnswers(cancel.commandId);
  });

  it('calls the carrier for each event that needs it', () => {
    given(shipment)
      .when(schedule)
      .thenCalls([{ type: 'BookShipment', orderId, customerId: 'ada', address }]);
    given(shipment, [requested, scheduled])
      .when(cancel)
      .thenCalls([{ type: 'CancelBooking', orderId }]);
    given(shipment, [requested, cancellationRequested])
      .when({ type: 'RecordBooking', orderId, outcome: 'booked' })
      .thenCalls([{ type: 'CancelBooking', orderId }]);
    given(shipment, [requested, scheduled])
      .when({ type: 'Dispatch', orderId })
      .thenCalls([{ type: 'DeliverShipment', orderId }]);
    given(shipment, [requested, scheduled, dispatched]).when({ type: 'Dispatch', orderId }).thenCalls([]);
  });

  it('is dispatched once it is scheduled, then delivered, and can then no longer be cancelled', () => {
    given(shipment, [requested, scheduled]).when({ type: 'Dispatch', orderId }).then([dispatched]);
    given(shipment, [requested]).when({ type: 'Dispatch', orderId }).thenRejected('not_scheduled');
    given(shipment, [requested, scheduled, dispatched])
      .when({ type: 'RecordDelivery', orderId })
      .then([delivered]);
    given(shipment, [requested, scheduled, dispatched, delivered])
      .when({ type: 'RecordDelivery', orderId })
      .then([]);
    given(shipment, [requested, scheduled, dispatched]).when(cancel).thenRejected('already_dispatched');
  });
});

describe('a shipment that gets any commands in any order', () => {
  const every: readonly ShipmentCommand[] = [
    schedule,
    cancel,
    { type: 'RecordBooking', orderId, outcome: 'booked' },
    { type: 'RecordBooking', orderId, outcome: 'refused' },
    { type: 'RecordBookingCancelled', orderId },
    { type: 'Dispatch', orderId },
    { type: 'RecordDelivery', orderId },
  ];
  // The carrier gives one answer, and always repeats the same one.
  const commands = fc
    .tuple(fc.array(fc.constantFrom(...every), { maxLength: 20 }), fc.constantFrom('booked', 'refused'))
    .map(([given, answer]) =>
      given.filter((command) => command.type !== 'RecordBooking' || command.outcome === answer),
    );

  it('P08 is answered at most once, booked at most once, and never dispatched after its cancellation', () => {
    fc.assert(
      fc.property(commands, (given) => {
        // No event type occurs twice: a booking that is answered while its cancellation waits is
        // cancelled by an event of another type.
        const types = playCommands(shipment, given).events.map(({ type }) => type);
        expect(new Set(types).size).toBe(types.length);
        const at = (type: ShipmentEvent['type']) => types.indexOf(type);
        expect(
          types.filter((type) => type === 'ShipmentScheduled' || type === 'ShipmentFailed').length,
        ).toBeLessThanOrEqual(1);
        const cancelling = types.findIndex((type) => /Cancel/.test(type));
        if (cancelling >= 0) {
          expect(at('ShipmentDispatched')).toEqual(-1);
          expect(at('ShipmentDelivered')).toEqual(-1);
          expect(types.slice(cancelling)).not.toContain('ShipmentScheduled');
          expect(types.slice(cancelling)).not.toContain('BookingRequested');
        }
        if (at('ShipmentCancelled') >= 0) expect(types.at(-1)).toBe('ShipmentCancelled');
      }),
    );
  });
});
