import { describe, expect, it } from '@jest/globals';
import { fc, seed } from '@millrace/testing/random';
import { playSaga, type PlayedSaga, type Verdict } from './played-saga.bench.ts';
import { stepsOf } from '../definition/definition.ts';
import { trip } from './sample-saga.fixture.ts';
import { evolve } from './evolve.ts';
import { type SagaState, awaited } from './state.ts';

const fast = { resendsMax: 1, attemptsBeforeAttention: 3, ignoredRepliesMax: 5 };

/** Checks what must hold after every input, whatever came before. */
function check(saga: PlayedSaga): void {
  const { state, events, commands } = saga.log;
  expect(events.reduce(evolve, { status: 'absent' } as SagaState)).toEqual(state);
  const ends = events.filter(({ type }) => type === 'SagaCompleted' || type === 'SagaCompensated');
  const over = state.status === 'completed' || state.status === 'compensated';
  expect(ends).toHaveLength(over ? 1 : 0);
  if (state.status !== 'absent') expect(awaited(state)).toHaveLength(over ? 0 : 1); // one open command, or none at the end
  const started = events.findIndex(({ type }) => type === 'CompensationStarted');
  expect(events.filter(({ type }) => type === 'CompensationStarted').length).toBeLessThanOrEqual(1);
  const pivot = events.findIndex((event) => event.type === 'CommandAccepted' && event.step === 'confirm');
  if (pivot >= 0) expect(started).toBe(-1);
  if (started < 0) expect(saga.compensated()).toEqual([]);
  else expectReverse(saga, started);
  expect(new Set(commands.map(({ commandId }) => commandId)).size).toBe(
    new Set(commands.map(({ role, step }) => role + step)).size,
  );
}

/**
 * Expects the compensations of the steps that were sent and not rejected when the compensation
 * started, the last one first. Once the closing command is sent, none may be missing.
 */
function expectReverse(saga: PlayedSaga, started: number): void {
  const past = saga.log.events.slice(0, started);
  const rejected = past.flatMap((event) => (event.type === 'CommandRejected' ? [event.step] : []));
  const due = past
    .flatMap((event) =>
      event.type === 'CommandSent' && event.step !== 'confirm' && !rejected.includes(event.step)
        ? [event.step]
        : [],
    )
    .toReversed();
  const closing = saga.log.events.some((event) => event.type === 'CommandSent' && event.role === 'closing');
  expect(saga.compensated()).toEqual(closing ? due : due.slice(0, saga.compensated().length));
}

type Move =
  | { readonly move: 'answer' | 'late'; readonly pick: number; readonly verdict: Verdict }
  | { readonly move: 'wait' | 'cancel' | 'start' | 'stale' | 'stray' };

const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ move: fc.constant('answer' as const), pick: fc.nat(), verdict: verdicts(8) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ move: fc.constant('late' as const), pick: fc.nat(), verdict: verdicts(1) }),
  },
  { weight: 4, arbitrary: fc.constant({ move: 'wait' } as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { move: 'cancel' } as const,
      { move: 'start' } as const,
      { move: 'stale' } as const,
      { move: 'stray' } as const,
    ),
  },
);

function verdicts(accepting: number): fc.Arbitrary<Verdict> {
  return fc.oneof(
    { weight: accepting, arbitrary: fc.constant('accepted' as const) },
    { weight: 1, arbitrary: fc.constant('rejected' as const) },
  );
}

function make(saga: PlayedSaga, move: Move): number {
  const { state, commands } = saga.log;
  const [waits] = awaited(state);
  switch (move.move) {
    case 'answer':
      return waits === undefined ? 0 : saga.answer(waits.role, waits.step, move.verdict).events.length;
    case 'late': {
      const any = commands[move.pick % commands.length];
      return any === undefined ? 0 : saga.answer(any.role, any.step, move.verdict).events.length;
    }
    case 'wait':
      return waits === undefined ? 0 : saga.wait().events.length;
    case 'stale':
      return saga.fire('c1:1').events.length;
    case 'stray':
      return saga.reply('nobody', trip.starts, undefined, `stray-${commands.length}`).events.length;
    case 'cancel':
      return saga.cancel().events.length;
    case 'start':
      return saga.start().events.length;
  }
}

describe(`any order and repetition of inputs (seed ${seed})`, () => {
  it('S02 leaves the saga waiting for one command or ended once, and undoes exactly what was sent and not rejected', () => {
    fc.assert(
      fc.property(fc.array(moves, { maxLength: 60 }), (inputs) => {
        const saga = playSaga(trip, fast);
        saga.start();
        for (const input of inputs) {
          expect(make(saga, input)).toBeLessThanOrEqual(4); // at most a reply, a compensation, a command and a call for attention
          check(saga);
        }
        saga.finish();
        expect(['completed', 'compensated']).toContain(saga.log.state.status);
        check(saga);
      }),
      { numRuns: 500 },
    );
  });
});

describe('every fault at every step', () => {
  const faults = {
    none: () => undefined,
    rejected: (saga: PlayedSaga, step: string) => saga.answer('step', step, 'rejected'),
    silent: (saga: PlayedSaga) => {
      for (let times = 0; times < 3 && saga.log.state.status === 'running'; times++) saga.wait();
    },
    'silent, then late': (saga: PlayedSaga, step: string) => {
      faults.silent(saga);
      saga.answer('step', step);
    },
    'silent, then late and rejected': (saga: PlayedSaga, step: string) => {
      faults.silent(saga);
      saga.answer('step', step, 'rejected');
    },
    duplicated: (saga: PlayedSaga, step: string) => {
      saga.answer('step', step);
      saga.answer('step', step);
    },
    cancelled: (saga: PlayedSaga) => saga.cancel(),
    'cancelled, then accepted': (saga: PlayedSaga, step: string) => {
      saga.cancel();
      saga.answer('step', step);
    },
  } satisfies Record<string, (saga: PlayedSaga, step: string) => unknown>;
  type Fault = keyof typeof faults;
  const names = Object.keys(faults) as Fault[];
  const steps = stepsOf(trip).map(({ name }) => name);
  const allowed = (fault: Fault, step: string) => step !== 'ticket' || !/rejected|refused/.test(fault);
  const pairs = steps.flatMap((step) =>
    names
      .filter((fault) => allowed(fault, step))
      .flatMap((fault) => names.map((then) => ({ step, fault, then }))),
  );

  it.each(pairs)(
    'S01 $step $fault; then $then at the next step: ends once, with everything undone or nothing',
    ({ step, fault, then }) => {
      const saga = playSaga(trip, fast).upTo(step);
      faults[fault](saga, step);
      check(saga);
      const [waits] = awaited(saga.log.state);
      if (waits?.role === 'step' && allowed(then, waits.step)) faults[then](saga, waits.step);
      if (waits?.role !== 'step' && then === 'cancelled') saga.cancel();
      check(saga);
      saga.finish();
      check(saga);
      expect(['completed', 'compensated']).toContain(saga.log.state.status);
    },
  );
});
