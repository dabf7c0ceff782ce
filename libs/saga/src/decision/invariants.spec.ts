import { describe, expect, it } from '@jest/globals';
import { fc, seed } from '@millrace/testing/random';
import type { Verdict } from '../definition/definition.ts';
import { waitsOf } from '../definition/definition.ts';
import { expectHistory, expectLive } from '../testing/saga-invariants.ts';
import { playSaga, type PlayedSaga } from './played-saga.bench.ts';
import { trip, tripRejections } from './sample-saga.fixture.ts';
import { repair, repairReplies, repairStarts } from './sample-repair.fixture.ts';
import { awaited } from './state.ts';

const fast = { resendsMax: 1, attemptsBeforeAttention: 3, ignoredRepliesMax: 5 };

/** Checks what must hold after every input, whatever came before. */
function check(saga: PlayedSaga, definition: typeof trip): void {
  const { state, timers, contents } = saga.log;
  expectHistory(definition, saga.log);
  expectLive(definition, state, new Set(timers.values()));
  const sent = new Set(contents.map(({ commandId }) => commandId)).size;
  expect(new Set(contents.map(({ content }) => content)).size).toBe(sent); // a re-send is the same message
}

type Move =
  | { readonly move: 'answer' | 'late' | 'message'; readonly pick: number; readonly verdict: Verdict }
  | { readonly move: 'timer'; readonly pick: number }
  | { readonly move: 'cancel' | 'start' | 'stale' | 'stray' };

const verdicts = (accepting: number): fc.Arbitrary<Verdict> =>
  fc.oneof(
    { weight: accepting, arbitrary: fc.constant('accepted' as const) },
    { weight: 1, arbitrary: fc.constant('rejected' as const) },
  );
const picking = <Name extends 'answer' | 'late' | 'message'>(move: Name, accepting: number) =>
  fc.record({ move: fc.constant(move), pick: fc.nat(), verdict: verdicts(accepting) });

const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: picking('answer', 8) },
  { weight: 3, arbitrary: picking('late', 1) },
  { weight: 2, arbitrary: picking('message', 5) },
  { weight: 4, arbitrary: fc.record({ move: fc.constant('timer' as const), pick: fc.nat({ max: 20 }) }) },
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

function make(saga: PlayedSaga, move: Move, definition: typeof trip): number {
  const { state, commands, timers } = saga.log;
  switch (move.move) {
    case 'answer': {
      const open = awaited(state);
      const waits = open[move.pick % open.length];
      return waits === undefined ? 0 : saga.answer(waits.role, waits.step, move.verdict).events.length;
    }
    case 'late': {
      const any = commands[move.pick % commands.length];
      return any === undefined ? 0 : saga.answer(any.role, any.step, move.verdict).events.length;
    }
    case 'message': {
      const waits = waitsOf(definition);
      const wait = waits[move.pick % waits.length];
      const said = move.verdict === 'accepted' ? wait?.event : wait?.refused;
      return said === undefined ? 0 : saga.hear(said).events.length;
    }
    case 'timer': {
      const token = [...timers.values()][move.pick % timers.size];
      return token === undefined ? 0 : saga.fire(token).events.length;
    }
    case 'stale':
      return saga.fire('c1:1').events.length;
    case 'stray':
      return saga.reply('nobody', definition.starts, undefined, `stray-${commands.length}`).events.length;
    case 'cancel':
      return saga.cancel().events.length;
    case 'start':
      return saga.start().events.length;
  }
}

const samples = [
  { definition: trip, starts: [undefined], replies: tripRejections },
  { definition: repair, starts: repairStarts, replies: repairReplies },
];

describe(`any order and repetition of inputs (seed ${seed})`, () => {
  it.each(samples)(
    'S02 leaves the saga $definition.name waiting or ended once, and undoes exactly the sent steps that were not rejected',
    ({ definition, starts, replies }) => {
      fc.assert(
        fc.property(fc.constantFrom(...starts), fc.array(moves, { maxLength: 60 }), (start, inputs) => {
          const saga = playSaga(definition, fast, { start, replies });
          saga.start();
          for (const input of inputs) {
            // At most a reply, a branch, the start of the compensation, two commands and a call for attention.
            expect(make(saga, input, definition)).toBeLessThanOrEqual(6);
            check(saga, definition);
          }
          saga.finish();
          expect(['completed', 'compensated']).toContain(saga.log.state.status);
          check(saga, definition);
        }),
        { numRuns: 400 },
      );
    },
  );
});
