import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { compile } from './compile.fixture.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const example = /\n```ts\n([^]*?)```\n/.exec(readme)![1]!;

/** The messages of the example. */
const messages = `
  import { topic } from '@millrace/streaming-core/contract';
  import { z } from 'zod';
  const options = { key: 'tripId', partitions: 6, retention: days(7) } as const;
  const tripId = z.string();
  const only = z.strictObject({ tripId });
  const why = z.strictObject({ tripId, reason: z.string() });
  const there = z.strictObject({ tripId, city: z.string() });
  const tripEvents = topic('trip-events', options, {
    TripAsked: z.strictObject({ tripId, city: z.string(), nights: z.number(), price: z.number() }),
    TripApproved: only, TripDenied: why, PlanMailed: only, TripConfirmed: only, TripSoldOut: why,
    TicketSent: only, TripClosed: why,
  });
  const roomEvents = topic('room-events', options, {
    RoomBooked: z.strictObject({ tripId, door: z.string() }), RoomRefused: why, RoomFreed: only,
  });
  const trainEvents = topic('train-events', options, { SeatBooked: only, SeatRefused: why, SeatFreed: only });
  const tripCommands = topic('trip-commands', options, {
    BookRoom: there, FreeRoom: z.strictObject({ tripId, door: z.string().nullable() }),
    BookSeat: there, FreeSeat: only, MailPlan: z.strictObject({ tripId, door: z.string() }),
    ConfirmTrip: only, SendTicket: only, CloseTrip: why,
  });
`;

describe('the README', () => {
  it('shows a definition that compiles', () => {
    const inPlace = example.replace("'@millrace/saga'", "'./saga.ts'");

    expect(compile([messages + inPlace])).toEqual([[]]);
  }, 120_000);
});
