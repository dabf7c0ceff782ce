/**
 * The messages and parts of a made-up domain, trips, which the examples in docstrings use without
 * declaring them.
 */
import type { Decider } from '@millrace/event-sourcing';
import { serviceConfig } from '@millrace/service-chassis/config';
import { topic, type MessageOf } from '@millrace/streaming-core/contract';
import { days } from '@millrace/streaming-core/runtime';
import { z } from 'zod';

const topicOptions = { key: 'tripId', partitions: 6, retention: days(7) } as const;
const tripId = z.string();
const only = z.strictObject({ tripId });
const refused = z.strictObject({ tripId, reason: z.string() });

export const tripEvents = topic('trip-events', topicOptions, {
  TripAsked: z.strictObject({ tripId, city: z.string(), price: z.number() }),
  TripApproved: only,
  TripDenied: refused,
  TripCancelled: only,
  TripConfirmed: only,
  TripSoldOut: refused,
  PlanMailed: only,
  TicketSent: only,
  TripClosed: only,
});

export const roomEvents = topic('room-events', topicOptions, {
  RoomBooked: z.strictObject({ tripId, door: z.string() }),
  RoomRefused: refused,
  RoomFreed: only,
});

export const trainEvents = topic('train-events', topicOptions, {
  SeatBooked: only,
  SeatRefused: refused,
  SeatFreed: only,
});

export const tripCommands = topic('trip-commands', topicOptions, {
  BookRoom: only,
  FreeRoom: only,
  BookSeat: only,
  FreeSeat: only,
  MailPlan: only,
  ConfirmTrip: only,
  SendTicket: only,
  CloseTrip: refused,
});

/** The first two arguments of `saga` in an example of a step. */
export const start = [
  'trip',
  {
    version: 1,
    starts: tripEvents.TripAsked,
    id: (asked: MessageOf<typeof tripEvents.TripAsked>) => asked.tripId,
    subject: 'trip',
    commands: [tripCommands],
  },
] as const;

export type RoomEvent =
  { readonly type: 'Booked'; readonly roomId: string } | { readonly type: 'Freed'; readonly roomId: string };
type RoomCommand = { readonly type: 'Book' | 'Free'; readonly roomId: string };

/** A room that is booked once at a time. */
export const room: Decider<RoomCommand, RoomEvent, { readonly booked: boolean }, 'room_taken'> = {
  initialState: { booked: false },
  decide: (command, { booked }) =>
    command.type === 'Book' && booked
      ? { rejected: 'room_taken', details: {} }
      : [{ type: command.type === 'Book' ? 'Booked' : 'Freed', roomId: command.roomId }],
  evolve: (_, event) => ({ booked: event.type === 'Booked' }),
};

/** The entity of a read model. */
export class Room {
  roomId!: string;
  status!: 'booked' | 'free';
  bookings!: number;
  since?: string | null;
}

export const settings = serviceConfig('rooms', 3010);
export class RoomsModule {}
