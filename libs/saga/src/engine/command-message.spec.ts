import { describe, expect, it } from '@jest/globals';
import { playSaga } from '../decision/played-saga.bench.ts';
import { bookingCommands, trip } from '../decision/sample-saga.fixture.ts';
import { commandMessage } from '../decision/commands.ts';
import type { Present } from '../decision/state.ts';

describe('a command of a saga', () => {
  it('takes the fields to seal from its declaration', () => {
    const personal = { holder: 'bookings', subject: 'guestId', fields: ['guest'] };
    const definition = { ...trip, commands: new Map(trip.commands) };
    definition.commands.set('BookSeat', { ...bookingCommands.BookSeat, personal });
    const { log } = playSaga(trip).upTo('seat');
    const messages = log.commands.map((command) =>
      commandMessage(definition, log.state as Present, command, {
        source: '/millrace/trips',
        time: '2026-11-20T09:00:00.000Z',
        trace: {},
        personal: { guest: 'Ada Lovelace' },
      }),
    );

    expect(messages.map(({ message, personal: sealed }) => [message.type, sealed])).toEqual([
      ['BookRoom', undefined],
      ['BookSeat', personal],
    ]);
  });
});
