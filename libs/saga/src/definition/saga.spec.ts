import { describe, expect, it } from '@jest/globals';
import { topic } from '@millrace/streaming-core/contract';
import { minutes } from '@millrace/streaming-core/runtime';
import { z } from 'zod';
import { commandTopicsOf, messagesOf, stepsOf, topicsOf } from './definition.ts';
import { saga } from './saga.ts';

const options = { key: 'tripId', partitions: 6, retention: minutes(1) } as const;
const tripId = z.string();
const trips = topic('trip-events', options, {
  TripAsked: z.strictObject({ tripId, city: z.string() }),
  TripAbandoned: z.strictObject({ tripId }),
  TripConfirmed: z.strictObject({ tripId }),
  TripRefused: z.strictObject({ tripId, reason: z.enum(['sold_out']) }),
  TripClosed: z.strictObject({ tripId }),
});
const rooms = topic('room-events', options, {
  RoomBooked: z.strictObject({ tripId }),
  RoomRefused: z.strictObject({ tripId, reason: z.enum(['full']) }),
  RoomFreed: z.strictObject({ tripId }),
});
const commands = topic('room-commands', options, {
  BookRoom: z.strictObject({ tripId, city: z.string(), guest: z.string() }),
  FreeRoom: z.strictObject({ tripId }),
  ConfirmTrip: z.strictObject({ tripId }),
  CloseTrip: z.strictObject({ tripId, reason: z.enum(['full', 'sold_out', 'step_timeout', 'abandoned']) }),
});
const elsewhere = topic('other-commands', options, {
  Elsewhere: z.strictObject({ tripId, other: z.string() }),
});

const begin = () =>
  saga('trip', {
    version: 1,
    starts: trips.TripAsked,
    id: (trip) => trip.tripId,
    subject: 'trip',
    commands: [commands],
    personal: z.strictObject({ guest: z.string() }),
  });
const book = {
  accepted: rooms.RoomBooked,
  rejected: rooms.RoomRefused,
  compensated: rooms.RoomFreed,
} as const;

const booked = () =>
  begin().step('book', {
    ...book,
    command: ({ trip, personal }) =>
      commands.BookRoom({ tripId: trip.tripId, city: trip.city, guest: personal.guest }),
    compensation: ({ trip }) => commands.FreeRoom({ tripId: trip.tripId }),
    timeout: minutes(5),
    resends: 3,
  });
const pivoted = () =>
  booked().pivot('confirm', {
    command: ({ trip }) => commands.ConfirmTrip({ tripId: trip.tripId }),
    accepted: trips.TripConfirmed,
    rejected: trips.TripRefused,
  });

describe('a saga definition', () => {
  const definition = pivoted()
    .cancelledBy(trips.TripAbandoned, { reason: 'abandoned' })
    .whenCompensated(
      ({ trip, failure }) => commands.CloseTrip({ tripId: trip.tripId, reason: failure.reason }),
      {
        accepted: trips.TripClosed,
      },
    );
  const start = trips.TripAsked({ tripId: 't1', city: 'Rome' });

  it('keeps its steps in order, with their kinds, timeouts and re-sends', () => {
    expect(stepsOf(definition).map(({ kind, name, timeoutMs }) => ({ kind, name, timeoutMs }))).toEqual([
      { kind: 'compensatable', name: 'book', timeoutMs: 300_000 },
      { kind: 'pivot', name: 'confirm', timeoutMs: undefined },
    ]);
    expect(stepsOf(definition)[0]).toMatchObject({ resendsMax: 3 });
  });

  it('builds commands from the start message and personal data', () => {
    expect(stepsOf(definition)[0]?.command({ start, results: {}, personal: { guest: 'Ada' } })).toEqual({
      type: 'BookRoom',
      tripId: 't1',
      city: 'Rome',
      guest: 'Ada',
    });
  });

  it('passes the first cause to the closing command', () => {
    const closing = definition.closing.command({
      start,
      results: {},
      personal: undefined,
      failure: { reason: 'full' },
    });

    expect(closing).toEqual({ type: 'CloseTrip', tripId: 't1', reason: 'full' });
  });

  it('lists every message that it reacts to once, and their topics', () => {
    expect(messagesOf(definition).map((message) => message.type)).toEqual([
      'TripAsked',
      'RoomBooked',
      'RoomRefused',
      'RoomFreed',
      'TripConfirmed',
      'TripRefused',
      'TripAbandoned',
      'TripClosed',
    ]);
    expect(topicsOf(definition)).toEqual(['trip-events', 'room-events']);
    expect(commandTopicsOf(definition)).toEqual(['room-commands']);
  });

  it('rejects two steps with the same name, an invalid name, an invalid version and a saga without steps', () => {
    const again = {
      command: () => commands.ConfirmTrip({ tripId: '' }),
      accepted: trips.TripConfirmed,
      rejected: trips.TripRefused,
    };
    const close = () => commands.CloseTrip({ tripId: '', reason: 'full' });

    const twice = booked().pivot('book' as never, again).whenCompensated;
    expect(() => twice(close as never, { accepted: trips.TripClosed })).toThrow(
      'two parts of it are called book',
    );
    expect(() => booked().pivot('Book It', again)).toThrow('lower-case');
    expect(() =>
      saga('trip', {
        version: 0,
        starts: trips.TripAsked,
        id: () => '',
        subject: 'trip',
        commands: [commands],
      }),
    ).toThrow('version 0');
    expect(() => begin().whenCompensated(close as never, { accepted: trips.TripClosed })).toThrow('no step');
  });
});

/** Never runs. The compiler is the test: it reports an `@ts-expect-error` that finds no error. */
export function whatTheTypesRefuse(): void {
  const command = () => commands.BookRoom({ tripId: '', city: '', guest: '' });
  const compensation = () => commands.FreeRoom({ tripId: '' });
  const confirm = { command, accepted: trips.TripConfirmed } as const;

  // @ts-expect-error a compensatable step without a compensation
  begin().step('book', { command, ...book });
  // @ts-expect-error a compensation without the reply that ends it
  begin().step('book', { command, compensation, accepted: rooms.RoomBooked, rejected: rooms.RoomRefused });
  // @ts-expect-error a rejection that does not say why
  begin().step('book', { ...book, command, compensation, rejected: trips.TripAbandoned });
  // @ts-expect-error a compensation at the pivot
  booked().pivot('confirm', { ...confirm, rejected: trips.TripRefused, compensation });
  // @ts-expect-error a compensation after the pivot
  pivoted().retriable('commit', { command, accepted: trips.TripClosed, compensation });
  // @ts-expect-error a rejection after the pivot
  pivoted().retriable('commit', { command, accepted: trips.TripClosed, rejected: rooms.RoomRefused });
  // @ts-expect-error a compensatable step after the pivot
  pivoted().step('book', { ...book, command, compensation });
  // @ts-expect-error a second pivot
  pivoted().pivot('again', { command, accepted: trips.TripClosed, rejected: rooms.RoomRefused });
  // @ts-expect-error a retriable step before the pivot
  booked().retriable('commit', confirm);
  // @ts-expect-error a reply that belongs to another step
  booked().pivot('confirm', { command, accepted: rooms.RoomBooked, rejected: trips.TripRefused });
  const free = (id: string) => commands.FreeRoom({ tripId: id });
  const pivot = { accepted: trips.TripConfirmed, rejected: trips.TripRefused } as const;
  // @ts-expect-error a command that is on none of the saga's topics
  booked().pivot('confirm', { ...pivot, command: () => elsewhere.Elsewhere({ tripId: '', other: '' }) });
  // @ts-expect-error personal data that the definition does not have
  booked().pivot('confirm', { ...pivot, command: ({ personal }) => free(personal.address) });
  // @ts-expect-error a failure before anything failed
  booked().pivot('confirm', { ...pivot, command: ({ failure }) => free(failure.reason) });
  const strange = booked().cancelledBy(trips.TripAbandoned, { reason: 'weather' });
  // @ts-expect-error a reason that the closing command does not accept
  strange.whenCompensated(({ failure }) => commands.CloseTrip({ tripId: '', reason: failure.reason }), {
    accepted: trips.TripClosed,
  });
}
