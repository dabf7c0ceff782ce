import { describe, expect, it } from '@jest/globals';
import { topic } from '@millrace/streaming-core/contract';
import { minutes } from '@millrace/streaming-core/runtime';
import { z } from 'zod';
import { commandTopicsOf, messagesOf, stepsOf, topicsOf } from './definition.ts';
import { saga } from './saga.ts';
import { begin, booked, commands, confirmed, trips } from './trip.fixture.ts';

const pivoted = () =>
  booked().pivot('confirm', {
    ...confirmed,
    command: ({ trip }) => commands.ConfirmTrip({ tripId: trip.tripId }),
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
    expect(commandTopicsOf(definition)).toEqual(['trip-commands']);
  });

  it('rejects a wait for a message with another key, and says what to do', () => {
    const options = { key: 'roomId', partitions: 6, retention: minutes(1) } as const;
    const { RoomCleaned } = topic('cleaning-events', options, {
      RoomCleaned: z.strictObject({ roomId: z.string() }),
    });
    const cleaned = booked().waitFor('cleaning', {
      event: RoomCleaned,
      within: minutes(1),
      timedOut: (late) => late,
    });

    expect(() =>
      cleaned.whenCompensated(() => commands.CloseTrip({ tripId: '', reason: 'full' }), {
        accepted: trips.TripClosed,
      }),
    ).toThrow(
      'cleaning waits for RoomCleaned, whose key is roomId instead of tripId: ' +
        'let its service publish an event with the key of TripAsked',
    );
  });

  it('rejects two steps with the same name, an invalid name, an invalid version and a saga without steps', () => {
    const again = { ...confirmed, command: () => commands.ConfirmTrip({ tripId: '' }) };
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
    expect(() => begin().whenCompensated(close as never, { accepted: trips.TripClosed })).toThrow(
      'it has no steps: add step, pivot or inform',
    );
  });
});
