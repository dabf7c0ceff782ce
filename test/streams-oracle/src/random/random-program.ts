import { diceOf, type Dice } from '../scripts/dice.ts';
import { Draft, type Result } from './draft.ts';
import { drawJoin } from './draw-joins.ts';
import { drawStreamCall } from './draw-stream-calls.ts';
import { drawTableCall } from './draw-table-calls.ts';
import { globalStoreOf, storeOf } from './draw-settings.ts';
import type { Program } from './program.ts';

const callsMin = 3;
const callsMax = 14;

/** Returns the same calls for the same seed. Every stream and table that no call reads is written to a topic. */
export function randomProgram(seed: number): Program {
  const dice = diceOf(seed);
  const draft = new Draft(dice);
  addSources(draft, dice);
  const enough = draft.program.length + dice.between(callsMin, callsMax);
  while (draft.program.length < enough) {
    const draw = dice.pick([drawStreamCall, drawStreamCall, drawTableCall, drawTableCall, drawJoin]);
    draw(draft, dice);
  }
  for (const result of draft.unread()) addSink(draft, result);
  return draft.program;
}

function addSources(draft: Draft, dice: Dice): void {
  const topics = dice.chance(0.15) ? ['a', 'b'] : ['a'];
  draft.add('stream', { op: 'stream', topics });
  const others = topics.length > 1 ? topics : [dice.pick(['b', 'b', 'a'])];
  if (dice.chance(0.7)) draft.add('stream', { op: 'stream', topics: others });
  draft.add('table', { op: 'table', topic: 't', store: storeOf(dice) });
  if (dice.chance(0.6)) draft.add('table', { op: 'table', topic: 'u', store: storeOf(dice) });
  if (dice.chance(0.5)) draft.add('table', { op: 'table', topic: 'f', store: storeOf(dice) });
  if (dice.chance(0.3))
    draft.add('globalTable', { op: 'globalTable', topic: 'g', store: globalStoreOf(dice) });
  // A topic that is both a stream and a table does not build.
  if (dice.chance(0.02)) draft.add('stream', { op: 'stream', topics: ['t'] });
}

function addSink(draft: Draft, result: Result): void {
  if (result.kind === 'stream') draft.add('none', { op: 'to' }, result);
  if (result.kind === 'table') addSink(draft, draft.add('stream', { op: 'rowsToStream' }, result));
  if (result.kind === 'windows') addSink(draft, draft.add('stream', { op: 'windowsToStream' }, result));
}
