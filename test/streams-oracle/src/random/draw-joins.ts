import type { Draw } from './draw.ts';
import { joinSpansOf, storeOf } from './draw-settings.ts';
import type { How } from './program.ts';

/** How many records of a join one record leads to. */
const joinFactor = 3;

export const drawJoin: Draw = (draft, dice) => {
  const calls = [joinStreams, joinTable, joinGlobalTable, joinTables, joinTables, joinForeign];
  dice.pick(calls)(draft, dice);
};

const joinStreams: Draw = (draft, dice) => {
  const stream = draft.pick('stream');
  const other = draft.pick('stream');
  if (stream === undefined || other === undefined) return;
  const calling = {
    op: 'joinStreams',
    how: dice.pick<How>(['inner', 'left', 'outer']),
    spans: joinSpansOf(dice),
    storeIsNamed: dice.chance(0.2),
  } as const;
  draft.addWeighted('stream', { calling, weight: stream.weight * other.weight * joinFactor }, stream, other);
};

const joinTable: Draw = (draft, dice) => {
  const stream = draft.pick('stream');
  const table = draft.pick('table');
  if (stream === undefined || table === undefined) return;
  draft.add('stream', { op: 'joinTable', how: dice.pick(['inner', 'left']) }, stream, table);
};

const joinGlobalTable: Draw = (draft, dice) => {
  const stream = draft.pick('stream');
  const table = draft.pick('globalTable');
  if (stream === undefined || table === undefined) return;
  draft.add('stream', { op: 'joinGlobalTable', how: dice.pick(['inner', 'left']) }, stream, table);
};

const joinTables: Draw = (draft, dice) => {
  const table = draft.pick('table');
  const other = draft.pick('table');
  if (table === undefined || other === undefined) return;
  const store = storeOf(dice);
  const calling = { op: 'joinTables', how: dice.pick<How>(['inner', 'left', 'outer']), store } as const;
  const weight = table.weight + other.weight;
  draft.addWeighted('table', { calling, weight, hasSerdes: store !== undefined }, table, other);
};

const joinForeign: Draw = (draft, dice) => {
  const table = draft.pick('table', ({ hasSerdes }) => hasSerdes);
  const other = draft.pick('table', ({ hasSerdes }) => hasSerdes);
  if (table === undefined || other === undefined) return;
  const calling = {
    op: 'joinForeign',
    how: dice.pick(['inner', 'left'] as const),
    store: storeOf(dice) ?? 'anonymous',
  } as const;
  draft.addWeighted('table', { calling, weight: (table.weight + other.weight) * joinFactor }, table, other);
};
