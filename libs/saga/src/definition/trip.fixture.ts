import { topic } from '@millrace/streaming-core/contract';
import { minutes } from '@millrace/streaming-core/runtime';
import { z } from 'zod';
import { saga } from './saga.ts';

/** The messages of a small saga and its first steps, for the tests of the builder and of its types. */
const options = { key: 'tripId', partitions: 6, retention: minutes(1) } as const;
const tripId = z.string();
export const trips = topic('trip-events', options, {
  TripAsked: z.strictObject({ tripId, city: z.string() }),
  TripAbandoned: z.strictObject({ tripId }),
  TripConfirmed: z.strictObject({ tripId }),
  TripRefused: z.strictObject({ tripId, reason: z.enum(['sold_out']) }),
  TripClosed: z.strictObject({ tripId }),
});
export const rooms = topic('room-events', options, {
  RoomBooked: z.strictObject({ tripId, door: z.string() }),
  RoomRefused: z.strictObject({ tripId, reason: z.enum(['full']) }),
  RoomFreed: z.strictObject({ tripId }),
});
export const cars = topic('car-events', options, {
  CarBooked: z.strictObject({ tripId, plate: z.string() }),
  CarRefused: z.strictObject({ tripId, reason: z.enum(['full']) }),
  CarFreed: z.strictObject({ tripId }),
});
export const commands = topic('trip-commands', options, {
  BookRoom: z.strictObject({ tripId, city: z.string(), guest: z.string() }),
  FreeRoom: z.strictObject({ tripId }),
  BookCar: z.strictObject({ tripId, door: z.string() }),
  FreeCar: z.strictObject({ tripId }),
  ConfirmTrip: z.strictObject({ tripId }),
  CloseTrip: z.strictObject({ tripId, reason: z.enum(['full', 'sold_out', 'step_timeout', 'abandoned']) }),
});
export const elsewhere = topic('other-commands', options, {
  Elsewhere: z.strictObject({ tripId, other: z.string() }),
});

export const begin = () =>
  saga('trip', {
    version: 1,
    starts: trips.TripAsked,
    id: (trip) => trip.tripId,
    subject: 'trip',
    commands: [commands],
    personal: z.strictObject({ guest: z.string() }),
  });

export const room = {
  accepted: rooms.RoomBooked,
  rejected: rooms.RoomRefused,
  compensation: () => commands.FreeRoom({ tripId: 't1' }),
  compensated: rooms.RoomFreed,
} as const;
export const car = {
  accepted: cars.CarBooked,
  rejected: cars.CarRefused,
  compensation: () => commands.FreeCar({ tripId: 't1' }),
  compensated: cars.CarFreed,
} as const;

export const booked = () =>
  begin().step('book', {
    ...room,
    command: ({ trip, personal }) =>
      commands.BookRoom({ tripId: trip.tripId, city: trip.city, guest: personal.guest }),
    result: ({ door }) => ({ door }),
    timeout: minutes(5),
    resends: 3,
  });
export const confirmed = { accepted: trips.TripConfirmed, rejected: trips.TripRefused } as const;
