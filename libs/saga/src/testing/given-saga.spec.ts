import { describe, expect, it } from '@jest/globals';
import {
  bookingCommands,
  bookingEvents,
  trip,
  tripEvents,
  withLocalPivot,
} from '../decision/sample-saga.fixture.ts';
import { repair, repairReplies, repairStarts } from '../decision/sample-repair.fixture.ts';
import { givenSaga } from './given-saga.ts';
import { givenTrip } from './given-trip.fixture.ts';

const tripAsked = tripEvents.TripAsked({ tripId: 't1', city: 'Rome' });
const personal = { guest: 'Ada' };

describe('a saga as a conversation', () => {
  it('continues with replies until it ends', () => {
    givenTrip()
      .answers('RoomBooked', 'SeatBooked', 'CarBooked', 'TripConfirmed', 'TicketIssued')
      .sends('BookRoom', 'BookSeat', 'BookCar', 'ConfirmTrip', 'IssueTicket')
      .endsAs('completed');
  });

  it('uses the given replies for their types, and builds others from the fields of the command', () => {
    givenTrip()
      .answers('RoomBooked', 'SeatRefused', 'RoomFreed', 'TripClosed')
      .sends(
        'BookRoom',
        bookingCommands.BookSeat({ tripId: 't1', guest: 'Ada' }),
        'FreeRoom',
        bookingCommands.CloseTrip({ tripId: 't1', reason: 'no_seat' }),
      )
      .endsAs('no_seat');
  });

  it('accepts a message instead of a type', () => {
    givenTrip()
      .answers(bookingEvents.RoomRefused({ tripId: 't1', reason: 'sold_out' }), 'TripClosed')
      .endsAs('sold_out');
  });

  it('can include silence, a cancellation, and late or repeated replies', () => {
    const cancelled = givenTrip().answers('RoomBooked').cancels();

    cancelled.awaits('FreeSeat').answersLate('SeatBooked').awaits('FreeSeat');
    givenTrip()
      .answersTwice('RoomBooked')
      .staysSilent(3)
      .sends('BookRoom', 'BookSeat', 'BookSeat', 'BookSeat', 'FreeSeat')
      .answers('SeatFreed', 'RoomFreed', 'TripClosed')
      .endsAs('step_timeout');
  });

  it('sends no command for a local pivot, whose reply the test gives', () => {
    const booked = givenSaga(withLocalPivot, tripAsked, { personal }).answers(
      'RoomBooked',
      'SeatBooked',
      'CarBooked',
    );

    booked
      .awaits('ConfirmTrip')
      .answers('TripConfirmed')
      .sends('BookRoom', 'BookSeat', 'BookCar', 'IssueTicket');
    expect(() => booked.endsAs('completed')).toThrow('-> ConfirmTrip (local)');
  });

  it('can continue in several ways from one beginning', () => {
    const booked = givenTrip().answers('RoomBooked');

    booked.answers('SeatRefused', 'RoomFreed', 'TripClosed').endsAs('no_seat');
    booked.answers('SeatBooked').awaits('BookCar');
  });

  it('prints the conversation if it does not go as the test expects', () => {
    const refused = givenTrip().answers('RoomBooked', 'SeatRefused');

    expect(() => refused.endsAs('no_seat')).toThrow('the saga has not ended\n');
    expect(() => refused.endsAs('no_seat')).toThrow(`The conversation so far:
  TripAsked
    -> BookRoom
  RoomBooked
    -> BookSeat
  SeatRefused
    -> FreeRoom
  compensating (no_seat), waits for the reply to FreeRoom`);
    expect(() => refused.sends('BookRoom', 'BookSeat')).toThrow('the saga sent other commands');
    expect(() => refused.awaits('BookSeat')).toThrow('the saga waits for something else');
    expect(() => refused.answers('RoomFreed', 'TripClosed').endsAs('lost')).toThrow(
      'has not ended in this way',
    );
  });

  it.each([
    ['a reply that the saga does not know', 'TripLost', 'TripLost is not a reply of the saga trip\n'],
    [
      'the cancellation',
      'TripAbandoned',
      'TripAbandoned is not a reply of the saga trip: it is the cancellation, so use cancels',
    ],
    [
      'a reply to a command that was not sent',
      'CarBooked',
      'CarBooked replies to the step car, which was not sent',
    ],
    ['a reply that was already given', 'RoomBooked', 'the saga does not wait for RoomBooked'],
  ])('rejects %s', (_, reply, problem) => {
    expect(() => givenTrip().answers('RoomBooked', reply)).toThrow(problem);
  });

  it('rejects a late reply that the saga still waits for, and silence or a cancellation without effect', () => {
    const { cancelledBy: _, ...endless } = trip;
    const ended = givenTrip().answers('RoomBooked', 'SeatRefused', 'RoomFreed', 'TripClosed');

    expect(() => givenTrip().answersLate('RoomBooked')).toThrow('RoomBooked is not late');
    expect(() => ended.staysSilent()).toThrow('the saga waits for no reply');
    expect(() => givenSaga(endless, tripAsked, { personal }).cancels()).toThrow('has no cancellation');
  });

  it('names the method for a message from outside, for a reply and for the end of a wait', () => {
    const waiting = givenSaga(repair, repairStarts[0], { replies: repairReplies });

    expect(() => waiting.answers('RepairApproved')).toThrow(
      'RepairApproved is not a reply of the saga repair: it comes from outside, so use hears',
    );
    expect(() => waiting.hears('SlotBooked')).toThrow(
      'the saga repair never waits for SlotBooked: it replies to a command, so use answers',
    );
    expect(() => waiting.staysSilent()).toThrow('waitsInVain ends a wait or a delay');
    expect(() => waiting.waitsInVain('RepairApproved')).toThrow(
      "the saga does not wait in RepairApproved: it is the message of a wait, so use waitsInVain('approval')",
    );
    expect(() => waiting.waitsInVain('device')).toThrow('the saga does not wait in device\n');
  });

  it('rejects a reply that is not a message of its type, or that belongs to another saga', () => {
    expect(() => givenSaga(trip, tripAsked, { personal }).answers('RoomRefused')).toThrow(
      'RoomRefused has fields that its command does not give (reason): put the message into replies',
    );
    expect(() => givenTrip().answers(bookingEvents.RoomBooked({ tripId: 't2' }))).toThrow(
      'the tripId of RoomBooked differs from that of its command',
    );
  });
});
