import { aggregations, type Draw } from './draw.ts';
import { storeOf } from './draw-settings.ts';

export const drawTableCall: Draw = (draft, dice) => {
  const calls = [toTable, derived, derived, suppress, regroup, aggregateRows, rowsToStream, windows];
  dice.pick(calls)(draft, dice);
};

const toTable: Draw = (draft, dice) => {
  const stream = draft.pick('stream');
  if (stream !== undefined) draft.add('table', { op: 'toTable', store: storeOf(dice) }, stream);
};

const derived: Draw = (draft, dice) => {
  const table = draft.pick('table');
  if (table === undefined) return;
  const op = dice.pick(['filterRows', 'filterNotRows', 'mapRows', 'transformRows'] as const);
  const store = storeOf(dice);
  const keepsSerdes = op === 'filterRows' || op === 'filterNotRows' ? table.hasSerdes : false;
  draft.addWeighted(
    'table',
    { calling: { op, store }, weight: table.weight, hasSerdes: store !== undefined || keepsSerdes },
    table,
  );
};

const suppress: Draw = (draft, dice) => {
  const table = draft.pick('table', ({ hasSerdes }) => hasSerdes);
  if (table === undefined) return;
  const calling = {
    op: 'suppressRows',
    waitMs: dice.pick([0, 5_000, 20_000]),
    recordsMax: dice.pick([0, 0, 2]),
  } as const;
  draft.add('table', calling, table);
};

const regroup: Draw = (draft) => {
  const table = draft.pick('table');
  if (table !== undefined) draft.add('rowGroups', { op: 'groupRows' }, table);
};

const aggregateRows: Draw = (draft, dice) => {
  const groups = draft.pick('rowGroups');
  if (groups === undefined) return;
  const aggregation = dice.pick(aggregations);
  draft.addWeighted(
    'table',
    {
      calling: { op: 'aggregateRows', aggregation, store: storeOf(dice) },
      weight: groups.weight * 2,
      hasSerdes: aggregation !== 'count',
    },
    groups,
  );
};

const rowsToStream: Draw = (draft) => {
  const table = draft.pick('table');
  if (table !== undefined) draft.add('stream', { op: 'rowsToStream' }, table);
};

const windows: Draw = (draft, dice) => {
  const table = draft.pick('windows');
  if (table === undefined) return;
  if (dice.chance(0.5)) draft.add('windows', { op: 'filterWindows' }, table);
  else draft.add('stream', { op: 'windowsToStream' }, table);
};
