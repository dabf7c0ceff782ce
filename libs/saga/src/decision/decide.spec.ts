import { describe, expect, it } from '@jest/globals';
import { givenTrip } from '../testing/given-trip.fixture.ts';
import { playSaga } from './played-saga.bench.ts';
import { bookingEvents, trip } from './sample-saga.fixture.ts';

const compensatable = ['room', 'seat', 'car'];
const booked = ['RoomBooked', 'SeatBooked', 'CarBooked'];
const bookings = ['BookRoom', 'BookSeat', 'BookCar'];
const before = (step: string) => compensatable.slice(0, compensatable.indexOf(step));

describe('a saga that goes well', () => {
  it('sends its steps one after another and completes', () => {
    givenTrip()
      .answers('RoomBooked', 'SeatBooked', 'CarBooked', 'TripConfirmed', 'TicketIssued')
      .sends('BookRoom', 'BookSeat', 'BookCar', 'ConfirmTrip', 'IssueTicket')
      .endsAs('completed');
  });

  it('names the message that made it send a command as the cause', () => {
    const saga = playSaga(trip).upTo('seat');

    expect(saga.log.commands).toEqual([
      { step: 'room', role: 'step', commandId: 'c1', causationId: 'm-start' },
      { step: 'seat', role: 'step', commandId: 'c2', causationId: 'm-c1-RoomBooked' },
    ]);
  });

  it('keeps one timer, which a reply clears and the next step sets', () => {
    const saga = playSaga(trip);

    expect(saga.start().timers).toEqual([
      {
        change: 'set',
        step: 'room',
        role: 'step',
        token: 'c1:1',
        attempt: 1,
        delayMs: 30_000,
        stepTimeoutMs: 30_000,
      },
    ]);
    expect(saga.answer('step', 'room').timers).toMatchObject([
      { change: 'clear', step: 'room', role: 'step' },
      { change: 'set', step: 'seat', token: 'c2:1' },
    ]);
  });

  it('stores the start message and no personal data', () => {
    expect(playSaga(trip).start().events[0]).toMatchObject({
      type: 'SagaStarted',
      version: 1,
      start: { type: 'TripAsked', tripId: 't1' },
      partition: 3,
    });
  });
});

describe('a compensated saga', () => {
  it.each(compensatable)(
    'undoes the steps before a rejected %s in reverse order, and records the reason',
    (step) => {
      const saga = playSaga(trip).upTo(step);
      saga.answer('step', step, 'rejected');
      saga.finish();

      expect(saga.compensated()).toEqual(before(step).toReversed());
      expect(saga.reason()).toBe(`no_${step}`);
      expect(saga.log.state.status).toBe('compensated');
    },
  );

  it.each(compensatable)('also undoes %s if it got no reply, since it may have happened', (step) => {
    const saga = playSaga(trip).upTo(step);
    while (saga.log.state.status === 'running') saga.wait();
    saga.finish();

    expect(saga.compensated()).toEqual([...before(step), step].toReversed());
    expect(saga.reason()).toBe('step_timeout');
    expect(saga.log.state.status).toBe('compensated');
  });

  it('S03 awaits each compensation before the next one', () => {
    givenTrip()
      .answers('RoomBooked', 'SeatBooked', 'CarRefused')
      .awaits('FreeSeat')
      .answers('SeatFreed')
      .awaits('FreeRoom')
      .answers('RoomFreed')
      .awaits('CloseTrip')
      .sends('BookRoom', 'BookSeat', 'BookCar', 'FreeSeat', 'FreeRoom', 'CloseTrip')
      .answers('TripClosed')
      .endsAs('no_car');
  });

  it('undoes everything if the pivot is rejected', () => {
    givenTrip()
      .answers(...booked, 'TripConfirmationRefused')
      .answers('CarFreed', 'SeatFreed', 'RoomFreed', 'TripClosed')
      .sends(...bookings, 'ConfirmTrip', 'FreeCar', 'FreeSeat', 'FreeRoom', 'CloseTrip')
      .endsAs('sold_out');
  });
});

describe('a saga that gets no answer', () => {
  it('sends a step again with the same id before it counts as a timeout', () => {
    const saga = playSaga(trip).upTo('seat');

    expect([saga.wait(), saga.wait()].map(({ commands }) => commands)).toEqual([
      [{ step: 'seat', role: 'step', commandId: 'c2', causationId: 'm-c1-RoomBooked' }],
      [{ step: 'seat', role: 'step', commandId: 'c2', causationId: 'm-c1-RoomBooked' }],
    ]);
    expect(saga.log.state.status).toBe('running');
    expect(saga.wait().events.map(({ type }) => type)).toEqual([
      'StepTimedOut',
      'CompensationStarted',
      'CommandSent',
    ]);
  });

  it("uses the step's own timeout and number of re-sends", () => {
    const saga = playSaga(trip).upTo('car');

    expect(saga.wait().timers).toMatchObject([{ token: 'c3:2', delayMs: 120_000, stepTimeoutMs: 120_000 }]);
    saga.wait();
    expect(saga.log.state.status).toBe('compensating');
  });

  it.each(['confirm', 'ticket'])(
    'never undoes anything for a silent %s, but sends it again with a capped backoff and then asks for attention',
    (step) => {
      const saga = playSaga(trip, {
        stepTimeoutMs: 1_000,
        resendDelayMsMax: 5_000,
        attemptsBeforeAttention: 4,
      }).upTo(step);
      const waits = Array.from({ length: 6 }, () => saga.wait());

      expect(waits.map(({ timers }) => timers.map((timer) => 'delayMs' in timer && timer.delayMs))).toEqual([
        [2_000],
        [4_000],
        [5_000],
        [5_000],
        [5_000],
        [5_000],
      ]);
      expect(new Set(waits.flatMap(({ commands }) => commands.map(({ commandId }) => commandId))).size).toBe(
        1,
      );
      expect(saga.types().filter((type) => type === 'AttentionNeeded')).toHaveLength(1);
      expect(saga.compensated()).toEqual([]);
      expect(saga.finish().log.state.status).toBe('completed');
    },
  );

  it('sends compensations and the closing command again forever, and asks for attention once for each', () => {
    const saga = playSaga(trip, { attemptsBeforeAttention: 3 }).upTo('seat');
    saga.answer('step', 'seat', 'rejected');
    for (let times = 0; times < 20; times++) saga.wait();
    saga.answer('compensation', 'room');
    for (let times = 0; times < 20; times++) saga.wait();

    expect(saga.compensated()).toEqual(['room']);
    expect(saga.types().filter((type) => type === 'AttentionNeeded')).toHaveLength(2);
    expect(saga.finish().log.state.status).toBe('compensated');
  });

  it('does nothing if a reply came before the timer', () => {
    const saga = playSaga(trip).upTo('seat');

    expect(saga.fire('c1:1').events).toEqual([]);
    saga.wait();
    expect(saga.fire('c2:1').events).toEqual([]);
  });
});

describe('a late reply', () => {
  const timedOut = () => {
    const saga = playSaga(trip, { resendsMax: 0 }).upTo('seat');
    saga.wait();
    return saga;
  };

  it.each(['accepted', 'rejected'] as const)(
    'is recorded if it is %s, and the pending compensation undoes it',
    (verdict) => {
      const saga = timedOut();
      const decision = saga.answer('step', 'seat', verdict);

      expect(decision.events).toMatchObject([
        { type: verdict === 'accepted' ? 'CommandAccepted' : 'CommandRejected', step: 'seat', late: true },
      ]);
      expect(decision.commands).toEqual([]);
      expect(decision.timers).toEqual([]);
      expect(saga.reason()).toBe('step_timeout');
      saga.finish();
      expect(saga.compensated()).toEqual(['seat', 'room']);
    },
  );

  it('is recorded and changes nothing if its step is already undone, even after the end', () => {
    const saga = timedOut();
    saga.finish();
    const decision = saga.answer('step', 'seat');

    expect(decision.events).toMatchObject([{ type: 'CommandAccepted', late: true }]);
    expect(decision.commands).toEqual([]);
    expect(decision.state.status).toBe('compensated');
  });
});

describe('a cancellation', () => {
  it.each(compensatable)(
    'starts the compensation at once while %s is awaited, and compensates that step as well',
    (step) => {
      const saga = playSaga(trip).upTo(step);
      saga.cancel();
      saga.finish();

      expect(saga.compensated()).toEqual([...before(step), step].toReversed());
      expect(saga.reason()).toBe('abandoned');
    },
  );

  it('is only recorded after the pivot was sent, and an accepted pivot wins', () => {
    expect(playSaga(trip).upTo('confirm').cancel().events).toMatchObject([{ type: 'CancellationRecorded' }]);
    givenTrip()
      .answers(...booked)
      .cancels()
      .answers('TripConfirmed', 'TicketIssued')
      .sends(...bookings, 'ConfirmTrip', 'IssueTicket')
      .endsAs('completed');
  });

  it('becomes the reason if the pivot had been sent and is rejected', () => {
    givenTrip()
      .answers(...booked)
      .cancels()
      .answers('TripConfirmationRefused', 'CarFreed', 'SeatFreed', 'RoomFreed', 'TripClosed')
      .endsAs('abandoned');
  });

  it('leaves the first cause unchanged if the saga is already being compensated', () => {
    givenTrip()
      .answers('RoomBooked', 'SeatRefused')
      .cancels()
      .answers('RoomFreed', 'TripClosed')
      .endsAs('no_seat');
  });

  it('is recorded once', () => {
    const saga = playSaga(trip).upTo('seat');
    saga.cancel();

    expect(saga.cancel().events).toEqual([]);
  });
});

describe('a message that a saga does not expect', () => {
  it('is recorded once if it replies to a command that was never sent, up to a limit', () => {
    const saga = playSaga(trip, { ignoredRepliesMax: 2 }).upTo('seat');
    const stray = (id: string) => saga.reply('nobody', bookingEvents.SeatBooked, undefined, id).events;

    expect(stray('s1')).toMatchObject([
      { type: 'ReplyIgnored', why: 'unknown_command', messageType: 'SeatBooked' },
    ]);
    expect(stray('s1')).toEqual([]);
    expect(stray('s2')).toHaveLength(1);
    expect(stray('s3')).toEqual([]);
  });

  it('is recorded and changes nothing if it is the reply of another step or contradicts the first reply', () => {
    const saga = playSaga(trip).upTo('seat');

    expect(saga.reply('c2', bookingEvents.CarBooked).events).toMatchObject([{ why: 'unexpected_type' }]);
    expect(saga.reply('c1', bookingEvents.RoomRefused, 'no_room').events).toMatchObject([
      { why: 'contradiction' },
    ]);
    expect(saga.log.state.status).toBe('running');
  });

  it('changes nothing if it is a duplicate or a second start', () => {
    const saga = playSaga(trip).upTo('car');

    expect(saga.answer('step', 'seat').events).toEqual([]);
    expect(saga.start().events).toEqual([]);
  });

  it('creates no stream if it replies to an order without a saga', () => {
    expect(playSaga(trip).reply('c1', bookingEvents.RoomBooked).events).toEqual([]);
  });
});
