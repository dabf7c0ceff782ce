import { describe, expect, it } from '@jest/globals';
import type { Message } from '@millrace/streaming-core/contract';
import { SagaError } from '../errors.ts';
import type { OperatorAction, SagaEvent } from './events.ts';
import { refusalOf } from './operator.ts';
import { playSaga, type PlayedSaga } from './played-saga.bench.ts';
import { trip } from './sample-saga.fixture.ts';
import { evolve } from './evolve.ts';
import { awaited } from './state.ts';

const who = { type: 'operator', actor: 'grace', reason: 'INC-7', at: '2026-01-01T01:00:00.000Z' } as const;
const operate = (saga: PlayedSaga, action: Exclude<OperatorAction, 'skip'>) => saga.take({ ...who, action });
const skip = (saga: PlayedSaga, type: string, reason?: string) =>
  saga.take({ ...who, action: 'skip', result: { type, tripId: 't1', reason } });
const take = (saga: PlayedSaga, action: OperatorAction, reply: string) =>
  action === 'skip' ? skip(saga, reply) : operate(saga, action);
const codeOf = (act: () => unknown) => {
  try {
    return act() && 'nothing was thrown';
  } catch (error) {
    return error instanceof SagaError ? error.code : error;
  }
};
const awaitedOf = (saga: PlayedSaga) => awaited(saga.log.state).map(({ role, step }) => `${role} ${step}`);

const paused = (saga: PlayedSaga) => {
  operate(saga, 'pause');
  return saga;
};
const compensating = () => {
  const saga = playSaga(trip).upTo('car');
  saga.answer('step', 'car', 'rejected');
  return saga;
};
const closing = () => {
  const saga = playSaga(trip).upTo('room');
  saga.answer('step', 'room', 'rejected');
  return saga;
};

/** Each situation, with the reply that the saga waits for in it. */
const situations: Readonly<Record<string, readonly [make: () => PlayedSaga, reply: string]>> = {
  'before the pivot': [() => playSaga(trip).upTo('seat'), 'SeatBooked'],
  'before the pivot, paused': [() => paused(playSaga(trip).upTo('seat')), 'SeatBooked'],
  'at the pivot': [() => playSaga(trip).upTo('confirm'), 'TripConfirmed'],
  'at the pivot, paused': [() => paused(playSaga(trip).upTo('confirm')), 'TripConfirmed'],
  'after the pivot': [() => playSaga(trip).upTo('ticket'), 'TicketIssued'],
  compensating: [compensating, 'SeatFreed'],
  'compensating, paused': [() => paused(compensating()), 'SeatFreed'],
  closing: [closing, 'TripClosed'],
  completed: [() => playSaga(trip).upTo('room').finish(), 'TicketIssued'],
  compensated: [() => closing().finish(), 'TripClosed'],
};

const table: readonly (readonly [
  situation: string,
  retry: string,
  skip: string,
  compensate: string,
  pause: string,
  resume: string,
])[] = [
  ['before the pivot', 'yes', 'yes', 'yes', 'yes', 'saga_not_paused'],
  ['before the pivot, paused', 'saga_paused', 'saga_paused', 'saga_paused', 'saga_paused', 'yes'],
  ['at the pivot', 'yes', 'pivot_decides', 'after_pivot', 'yes', 'saga_not_paused'],
  ['at the pivot, paused', 'saga_paused', 'saga_paused', 'saga_paused', 'saga_paused', 'yes'],
  ['after the pivot', 'yes', 'yes', 'after_pivot', 'yes', 'saga_not_paused'],
  ['compensating', 'yes', 'yes', 'already_compensating', 'yes', 'saga_not_paused'],
  ['compensating, paused', 'saga_paused', 'saga_paused', 'saga_paused', 'saga_paused', 'yes'],
  ['closing', 'yes', 'yes', 'already_compensating', 'yes', 'saga_not_paused'],
  ['completed', 'saga_ended', 'saga_ended', 'saga_ended', 'saga_ended', 'saga_ended'],
  ['compensated', 'saga_ended', 'saga_ended', 'saga_ended', 'saga_ended', 'saga_ended'],
];

const actions = ['retry', 'skip', 'compensate', 'pause', 'resume'] as const;
const cases = table.flatMap(([situation, ...outcomes]) =>
  actions.map((action, index) => ({ situation, action, outcome: outcomes[index] ?? '' })),
);

describe('Z02 an action of an operator', () => {
  it.each(cases)('$action $situation: $outcome', ({ situation, action, outcome }) => {
    const [make, reply] = situations[situation]!;
    const saga = make();
    const before = saga.log.events.length;
    const result: Message = { type: reply, tripId: 't1' };

    expect(refusalOf(trip, { action, result }, saga.log.state) ?? 'yes').toBe(outcome);
    const act = () => take(saga, action, reply);
    if (outcome === 'yes') {
      expect(act().events[0]).toMatchObject({
        type: 'OperatorActed',
        action,
        actor: 'grace',
        reason: 'INC-7',
      });
    } else {
      expect(codeOf(act)).toBe(outcome);
      expect(saga.log.events).toHaveLength(before);
    }
  });

  it.each(Object.entries(situations))('leaves a saga that can still end: %s', (_, [make, reply]) => {
    for (const action of actions) {
      const saga = make();
      const isTaken = refusalOf(trip, { action, result: { type: reply } }, saga.log.state) === undefined;
      if (isTaken) take(saga, action, reply);
      if ('paused' in saga.log.state) operate(saga, 'resume');
      saga.finish();
      expect(saga.log.state.status).toMatch(/^(completed|compensated)$/);
    }
  });

  it('compensates a saga that was cancelled and answered during a pause, with the last command as the cause', () => {
    const saga = paused(playSaga(trip).upTo('seat'));
    saga.answer('step', 'seat', 'accepted');
    saga.take({ type: 'cancel', messageId: 'cancel-1', at: who.at });
    expect(operate(saga, 'resume').commands).toMatchObject([
      { role: 'compensation', step: 'seat', causationId: 'c2' },
    ]);
  });

  it('retries with the same command id, and a new timer', () => {
    const saga = playSaga(trip).upTo('seat');
    expect(operate(saga, 'retry')).toMatchObject({
      commands: [{ step: 'seat', commandId: 'c2' }],
      timers: [{ change: 'set', step: 'seat', token: 'c2:2' }],
    });
  });

  it('takes the result of a skipped step as its reply, and the contradicting reply changes nothing', () => {
    const saga = playSaga(trip).upTo('seat');
    skip(saga, 'SeatBooked');
    expect(awaitedOf(saga)).toEqual(['step car']);
    expect(saga.answer('step', 'seat', 'rejected').events).toMatchObject([
      { type: 'ReplyIgnored', why: 'contradiction' },
    ]);
  });

  it('compensates after a skipped step was given a rejection', () => {
    const saga = playSaga(trip).upTo('seat');
    skip(saga, 'SeatRefused', 'no_seat');
    expect(awaitedOf(saga)).toEqual(['compensation room']);
    expect(saga.reason()).toBe('no_seat');
  });

  it('refuses a result that does not answer the awaited command', () => {
    for (const type of ['CarBooked', 'SeatFreed', 'TripClosed', 'Nonsense'])
      expect(() => skip(playSaga(trip).upTo('seat'), type)).toThrow('not a reply');
  });

  it('forces the compensation of the awaited step too, since its participant may have acted', () => {
    const saga = playSaga(trip).upTo('car');
    operate(saga, 'compensate');
    saga.finish();
    expect(saga.compensated()).toEqual(['car', 'seat', 'room']);
    expect(saga.reason()).toBe('step_timeout');
  });
});

describe('Z04 a paused saga', () => {
  const at = (step: string) => paused(playSaga(trip).upTo(step));

  it('has no timer and sends nothing, whatever arrives', () => {
    const saga = playSaga(trip).upTo('seat');
    expect(operate(saga, 'pause').timers).toEqual([{ change: 'clear', step: 'seat', role: 'step' }]);
    expect(saga.fire('c2:1').events).toEqual([]);
    expect(saga.cancel()).toMatchObject({ commands: [], timers: [] });
    expect(saga.answer('step', 'seat')).toMatchObject({ commands: [], timers: [] });
  });

  it('sends the command again and restarts its timer when it is resumed', () => {
    const saga = at('seat');
    expect(operate(saga, 'resume')).toMatchObject({
      commands: [{ step: 'seat', commandId: 'c2' }],
      timers: [{ change: 'set', step: 'seat', token: 'c2:2' }],
    });
  });

  it('continues from the reply that came in the meantime', () => {
    const accepted = at('seat');
    accepted.answer('step', 'seat');
    operate(accepted, 'resume');
    expect(awaitedOf(accepted)).toEqual(['step car']);

    const rejected = at('seat');
    rejected.answer('step', 'seat', 'rejected');
    operate(rejected, 'resume');
    expect(awaitedOf(rejected)).toEqual(['compensation room']);
    expect(rejected.reason()).toBe('no_seat');

    const last = at('ticket');
    last.answer('step', 'ticket');
    operate(last, 'resume');
    expect(last.log.state.status).toBe('completed');
  });

  it('continues from the compensation, or the closing, that was answered in the meantime', () => {
    const undoing = paused(compensating());
    undoing.answer('compensation', 'seat');
    operate(undoing, 'resume');
    expect(awaitedOf(undoing)).toEqual(['compensation room']);

    const ending = paused(closing());
    ending.answer('closing', '(closing)');
    operate(ending, 'resume');
    expect(ending.log.state.status).toBe('compensated');
  });

  it('compensates when it is resumed, if it was cancelled meanwhile and the pivot was not sent', () => {
    const saga = at('seat');
    saga.cancel();
    saga.answer('step', 'seat');
    operate(saga, 'resume');
    expect(awaitedOf(saga)).toEqual(['compensation seat']);
    expect(saga.reason()).toBe('abandoned');
  });
});

describe('the stream of a saga that an operator acted on', () => {
  it('folds from its stored form', () => {
    const saga = playSaga(trip).upTo('seat');
    operate(saga, 'retry');
    skip(saga, 'SeatBooked');
    operate(saga, 'pause');
    saga.answer('step', 'car', 'rejected');
    operate(saga, 'resume');
    const stored = JSON.parse(JSON.stringify(saga.log.events)) as SagaEvent[];
    const folded = stored.reduce(evolve, { status: 'absent' } as Parameters<typeof evolve>[0]);
    expect(JSON.parse(JSON.stringify(folded))).toEqual(JSON.parse(JSON.stringify(saga.log.state)));
  });
});
