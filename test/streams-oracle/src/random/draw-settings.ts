import type { Dice } from '../scripts/dice.ts';
import type { JoinSpans, Store, Windows } from './program.ts';

export const storeOf = (dice: Dice): Store | undefined =>
  dice.pick<Store | undefined>([undefined, undefined, 'anonymous', 'named', 'named', 'uncached', 'unlogged']);

/** Java refuses a global table whose store is given serdes and no name. */
export const globalStoreOf = (dice: Dice): Store | undefined => dice.pick([undefined, 'named', 'uncached']);

export function windowsOf(dice: Dice): Windows {
  const kind = dice.pick(['time', 'time', 'sliding', 'session'] as const);
  const spanMs = dice.pick(kind === 'time' ? [5_000, 10_000] : [1_000, 5_000]);
  return {
    kind,
    spanMs,
    advanceMs: kind === 'time' && dice.chance(0.4) ? 4_000 : spanMs,
    graceMs: dice.pick([0, 1_000, 3_000, 12_000]),
    emits: dice.chance(0.3) ? 'when_closed' : 'updates',
  };
}

/** How many results a suppress holds back, if there is one. */
export const suppressedMaxOf = (dice: Dice): number | undefined =>
  dice.chance(0.25) ? dice.pick([0, 0, 0, 4]) : undefined;

export const joinSpansOf = (dice: Dice): JoinSpans => {
  const beforeMs = dice.pick([0, 1_000, 5_000]);
  return {
    beforeMs,
    afterMs: dice.pick([0, 2_000, 5_000, -beforeMs]),
    graceMs: dice.pick([0, 1_000, 3_000]),
  };
};
