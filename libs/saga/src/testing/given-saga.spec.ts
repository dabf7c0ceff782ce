import { describe, expect, it } from '@jest/globals';
import { bookingCommands, bookingEvents, trip, tripEvents } from '../decision/sample-saga.fixture.ts';
import { givenSaga } from './given-saga.ts';
import { givenTrip } from './given-trip.fixture.ts';

const tripAsked = tripEvents.TripAsked({ tripId: 't1', city: 'Rome' });
const personal = { guest: 'Ada' };

describe('a saga as a conversation', () => {
  it('goes on by replies to an end', () => {
    givenTrip()
      .answers('RoomBooked', 'SeatBooked', 'CarBooked', 'TripConfirmed', 'TicketIssued')
      .sends('BookRoom', 'BookSeat', 'BookCar', 'ConfirmTrip', 'IssueTicket')
      .endsAs('completed');
  });

  it('takes the replies that were given for their types, and repeats what the command says in others', () => {
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

  it('takes a message instead of a type', () => {
    givenTrip()
      .answers(bookingEvents.RoomRefused({ tripId: 't1', reason: 'sold_out' }), 'TripClosed')
      .endsAs('sold_out');
  });

  it('stays silent, cancels, and answers late and twice', () => {
    const cancelled = givenTrip().answers('RoomBooked').cancels();

    cancelled.awaits('FreeSeat').answersLate('SeatBooked').awaits('FreeSeat');
    givenTrip()
      .answersTwice('RoomBooked')
      .staysSilent(3)
      .sends('BookRoom', 'BookSeat', 'BookSeat', 'BookSeat', 'FreeSeat')
      .answers('SeatFreed', 'RoomFreed', 'TripClosed')
      .endsAs('step_timeout');
  });

  it('continues one beginning in several ways', () => {
    const booked = givenTrip().answers('RoomBooked');

    booked.answers('SeatRefused', 'RoomFreed', 'TripClosed').endsAs('no_seat');
    booked.answers('SeatBooked').awaits('BookCar');
  });

  it('prints what was said when it is not as the test says', () => {
    const refused = givenTrip().answers('RoomBooked', 'SeatRefused');

    expect(() => refused.endsAs('no_seat')).toThrow(`The conversation so far:
  TripAsked
    -> BookRoom
  RoomBooked
    -> BookSeat
  SeatRefused
    -> FreeRoom
  compensating (no_seat), waits for the reply to FreeRoom`);
    expect(() => refused.sends('BookRoom', 'BookSeat')).toThrow('the saga sent other commands');
    expect(() => refused.awaits('BookSeat')).toThrow('the saga waits for another reply');
  });

  it.each([
    ['a reply that the saga does not know', 'TripAbandoned', 'TripAbandoned is no reply of the saga trip'],
    [
      'a reply to a command that was not sent',
      'CarBooked',
      'CarBooked replies to the step car, which was not sent',
    ],
    ['a reply that came before', 'RoomBooked', 'the saga does not wait for RoomBooked'],
  ])('refuses %s', (_, reply, problem) => {
    expect(() => givenTrip().answers('RoomBooked', reply)).toThrow(problem);
  });

  it('refuses a late reply that the saga waits for, and silence and cancellation that nobody notices', () => {
    const { cancelledBy: _, ...endless } = trip;
    const ended = givenTrip().answers('RoomBooked', 'SeatRefused', 'RoomFreed', 'TripClosed');

    expect(() => givenTrip().answersLate('RoomBooked')).toThrow('RoomBooked is not late');
    expect(() => ended.staysSilent()).toThrow('the saga waits for nothing');
    expect(() => givenSaga(endless, tripAsked, { personal }).cancels()).toThrow('has no cancellation');
  });

  it('refuses a reply that is no message of its type, or one of another saga', () => {
    expect(() => givenSaga(trip, tripAsked, { personal }).answers('RoomRefused')).toThrow(
      'RoomRefused has fields that its command does not give (reason): put the message into replies',
    );
    expect(() => givenTrip().answers(bookingEvents.RoomBooked({ tripId: 't2' }))).toThrow(
      'RoomBooked has another tripId than its command',
    );
  });
});
