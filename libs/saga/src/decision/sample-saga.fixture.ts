import { topic } from '@millrace/streaming-core/contract';
import { minutes } from '@millrace/streaming-core/runtime';
import { z } from 'zod';
import type { SagaDefinition } from '../definition/definition.ts';
import { saga } from '../definition/saga.ts';

/**
 * A trip as a saga, for this library's own tests: three steps that can be undone, a pivot and a
 * retriable step.
 */
const options = { key: 'tripId', partitions: 6, retention: minutes(60) } as const;
const tripId = z.string();
const reason = z.enum(['no_room', 'no_seat', 'no_car', 'sold_out', 'step_timeout', 'abandoned']);
const answer = z.strictObject({ tripId });
const refusal = z.strictObject({ tripId, reason });

export const tripEvents = topic('trip-events', options, {
  TripAsked: z.strictObject({ tripId, city: z.string() }),
  TripAbandoned: answer,
  TripConfirmed: answer,
  TripConfirmationRefused: refusal,
  TripClosed: refusal,
});
export const bookingEvents = topic('booking-events', options, {
  RoomBooked: answer,
  RoomRefused: refusal,
  RoomFreed: answer,
  SeatBooked: answer,
  SeatRefused: refusal,
  SeatFreed: answer,
  CarBooked: answer,
  CarRefused: refusal,
  CarFreed: answer,
  TicketIssued: answer,
});
export const bookingCommands = topic('booking-commands', options, {
  BookRoom: z.strictObject({ tripId, city: z.string() }),
  FreeRoom: answer,
  BookSeat: z.strictObject({ tripId, guest: z.string() }),
  FreeSeat: answer,
  BookCar: answer,
  FreeCar: answer,
  ConfirmTrip: answer,
  IssueTicket: answer,
  CloseTrip: refusal,
});

export const trip = saga('trip', {
  version: 1,
  starts: tripEvents.TripAsked,
  id: (asked) => asked.tripId,
  subject: 'trip',
  commands: [bookingCommands],
  personal: z.strictObject({ guest: z.string() }),
})
  .step('room', {
    command: ({ trip: { tripId, city } }) => bookingCommands.BookRoom({ tripId, city }),
    accepted: bookingEvents.RoomBooked,
    rejected: bookingEvents.RoomRefused,
    compensation: ({ trip: { tripId } }) => bookingCommands.FreeRoom({ tripId }),
    compensated: bookingEvents.RoomFreed,
  })
  .step('seat', {
    command: ({ trip: { tripId }, personal }) => bookingCommands.BookSeat({ tripId, guest: personal.guest }),
    accepted: bookingEvents.SeatBooked,
    rejected: bookingEvents.SeatRefused,
    compensation: ({ trip: { tripId } }) => bookingCommands.FreeSeat({ tripId }),
    compensated: bookingEvents.SeatFreed,
  })
  .step('car', {
    command: ({ trip: { tripId } }) => bookingCommands.BookCar({ tripId }),
    accepted: bookingEvents.CarBooked,
    rejected: bookingEvents.CarRefused,
    compensation: ({ trip: { tripId } }) => bookingCommands.FreeCar({ tripId }),
    compensated: bookingEvents.CarFreed,
    timeout: minutes(2),
    resends: 1,
  })
  .pivot('confirm', {
    command: ({ trip: { tripId } }) => bookingCommands.ConfirmTrip({ tripId }),
    accepted: tripEvents.TripConfirmed,
    rejected: tripEvents.TripConfirmationRefused,
  })
  .retriable('ticket', {
    command: ({ trip: { tripId } }) => bookingCommands.IssueTicket({ tripId }),
    accepted: bookingEvents.TicketIssued,
  })
  .cancelledBy(tripEvents.TripAbandoned, { reason: 'abandoned' })
  .whenCompensated(
    ({ trip: { tripId }, failure }) => bookingCommands.CloseTrip({ tripId, reason: failure.reason }),
    {
      accepted: tripEvents.TripClosed,
    },
  );

/** The sample saga with a local pivot: its service decides `ConfirmTrip` itself. */
export const withLocalPivot: SagaDefinition = {
  ...trip,
  flow: trip.flow.map((step) => (step.kind === 'pivot' ? { ...step, local: true } : step)),
};

/** The rejections of the sample saga, each of which has one reason. */
export const tripRejections = [
  bookingEvents.RoomRefused({ tripId: 't1', reason: 'no_room' }),
  bookingEvents.SeatRefused({ tripId: 't1', reason: 'no_seat' }),
  bookingEvents.CarRefused({ tripId: 't1', reason: 'no_car' }),
  tripEvents.TripConfirmationRefused({ tripId: 't1', reason: 'sold_out' }),
];
