import { aggregations, type Draw } from './draw.ts';
import { storeOf, suppressedMaxOf, windowsOf } from './draw-settings.ts';
import { statelessOps } from './program.ts';

/** How many records of an aggregation by windows one record leads to. */
const overlapFactor = 3;

export const drawStreamCall: Draw = (draft, dice) => {
  const calls = [
    stateless,
    stateless,
    stateless,
    merge,
    through,
    group,
    group,
    aggregate,
    aggregate,
    cogroup,
  ];
  dice.pick(calls)(draft, dice);
};

const stateless: Draw = (draft, dice) => {
  const stream = draft.pick('stream');
  if (stream === undefined) return;
  const op = dice.pick(statelessOps);
  const factor = op === 'flatMap' || op === 'flatMapValues' ? 2 : 1;
  draft.addWeighted('stream', { calling: { op }, weight: stream.weight * factor }, stream);
};

const merge: Draw = (draft) => {
  const stream = draft.pick('stream');
  const other = draft.pick('stream');
  if (stream !== undefined && other !== undefined) draft.add('stream', { op: 'merge' }, stream, other);
};

const through: Draw = (draft, dice) => {
  const stream = draft.pick('stream');
  if (stream === undefined) return;
  switch (dice.pick(['split', 'repartition', 'withLast', 'summedUp', 'to'])) {
    case 'split':
      draft.add('stream', { op: 'split', branch: dice.pick(['even', 'empty', 'rest']) }, stream);
      return;
    case 'repartition':
      draft.add(
        'stream',
        { op: 'repartition', partitionCount: dice.pick([undefined, undefined, 3]) },
        stream,
      );
      return;
    case 'withLast':
      draft.addWeighted('stream', { calling: { op: 'withLast' }, weight: stream.weight * 2 }, stream);
      return;
    case 'summedUp':
      draft.add('stream', { op: 'summedUp', clock: dice.pick(['stream_time', 'wall_clock']) }, stream);
      return;
    default:
      draft.add('none', { op: 'to' }, stream);
  }
};

const group: Draw = (draft, dice) => {
  const stream = draft.pick('stream');
  if (stream !== undefined) draft.add('groups', { op: dice.pick(['groupByKey', 'groupBy']) }, stream);
};

const aggregate: Draw = (draft, dice) => {
  const groups = draft.pick('groups');
  if (groups === undefined) return;
  const aggregation = dice.pick(aggregations);
  const store = storeOf(dice);
  if (dice.chance(0.4)) {
    draft.addWeighted(
      'table',
      {
        calling: { op: 'aggregate', aggregation, store },
        weight: groups.weight,
        hasSerdes: aggregation !== 'count',
      },
      groups,
    );
    return;
  }
  const calling = {
    op: 'aggregate',
    aggregation,
    windows: { ...windowsOf(dice), suppressedMax: suppressedMaxOf(dice) },
    store,
  } as const;
  draft.addWeighted('windows', { calling, weight: groups.weight * overlapFactor }, groups);
};

const cogroup: Draw = (draft, dice) => {
  const groups = draft.pick('groups');
  if (groups === undefined) return;
  const other = dice.chance(0.7) ? draft.pick('groups', ({ id }) => id !== groups.id) : undefined;
  const operands = other === undefined ? [groups] : [groups, other];
  const store = storeOf(dice);
  if (dice.chance(0.5)) draft.add('table', { op: 'cogroup', store }, ...operands);
  else
    draft.addWeighted(
      'windows',
      {
        calling: {
          op: 'cogroup',
          windows: { ...windowsOf(dice), emits: 'updates', suppressedMax: suppressedMaxOf(dice) },
          store,
        },
        weight: operands.reduce((sum, { weight }) => sum + weight * overlapFactor, 0),
      },
      ...operands,
    );
};
