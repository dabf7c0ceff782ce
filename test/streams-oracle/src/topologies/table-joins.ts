import { joined, materialized, serdes, tableJoined, type StreamsBuilder } from '@millrace/streams';
import { lettersInput, textInput } from '../scripts/input.ts';
import {
  cached,
  groupedText,
  letterOf,
  text,
  texts,
  textStore,
  textStream,
  textTable,
  uncached,
  type Text,
  type TopologyCase,
} from './topology-case.ts';

export const joiner = (one: Text, other: Text): string => `${one}+${other}`;

/** The key of the row that a value names. Long values name none. */
export const named = (value: Text): Text => (value === null || value.length > 8 ? null : letterOf(value));

export function streamTable(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  textStream(builder, 'a')
    .join(t, (value, other, key) => `${key}:${value}+${other}`)
    .to('out', texts());
}

function streamTableLeft(builder: StreamsBuilder): void {
  const t = textTable(builder, 't').filter((_key, value) => value.length > 3);
  textStream(builder, 'a')
    .selectKey((_key, value) => value)
    .leftJoin(t, joiner, joined<Text, Text>(serdes.string, serdes.string, 'with-t'))
    .to('out', texts());
}

function inner(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  const u = textTable(builder, 'u');
  t.join(u, joiner).toStream().to('out', texts());
}

function left(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  const u = textTable(builder, 'u').mapValues((value) => `${value}'`);
  t.leftJoin(u, joiner, undefined, 't-with-u').toStream().to('out', texts());
}

function outer(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  const u = textTable(builder, 'u').filter((_key, value) => !value.endsWith('!'));
  t.outerJoin(u, joiner, materialized('both', textStore)).toStream().to('out', texts());
}

export function chain(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  const u = textTable(builder, 'u');
  t.join(u, joiner)
    .leftJoin(
      t.mapValues((value) => value.slice(0, 1)),
      (one, other) => `${one}/${other}`,
    )
    .outerJoin(u, (one, other) => `${one}|${other}`)
    .filter((_key, value) => value.length > 8)
    .toStream()
    .to('out', texts());
}

export function foreignKey(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  const f = textTable(builder, 'f');
  t.join(f, named, joiner).toStream().to('out', texts());
}

export function foreignKeyLeft(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  const f = textTable(builder, 'f');
  t.leftJoin(f, named, joiner, tableJoined({ name: 'fk' }), materialized('joined', textStore))
    .toStream()
    .to('out', texts());
}

function global(builder: StreamsBuilder): void {
  const g = builder.globalTable<string, string>('g', text(), materialized('lookup'));
  const a = textStream(builder, 'a');
  a.join(g, (_key, value) => named(value), joiner).to('inner', texts());
  a.leftJoin(
    g,
    (_key, value) => named(value),
    (value, other, key) => `${key}:${value}+${other}`,
  ).to('left', texts());
}

function countsWithTable(builder: StreamsBuilder): void {
  const counts = textStream(builder, 'a')
    .groupBy((_key, value) => value, groupedText())
    .count(materialized('counts'));
  counts
    .outerJoin(textTable(builder, 't'), (count, value) => `${count ?? 'none'}+${value}`)
    .toStream()
    .to('out', texts());
}

const a = textInput('a');
const f = lettersInput('f');
const t = textInput('t');
const u = textInput('u');

export const tableJoinCases: readonly TopologyCase[] = [
  uncached('stream-table-join', [a, t], streamTable),
  uncached('stream-table-left-join', [a, t], streamTableLeft),
  uncached('table-join', [t, u], inner),
  uncached('table-left-join', [t, u], left),
  uncached('table-outer-join', [t, u], outer),
  uncached('table-join-chain', [t, u], chain),
  uncached('foreign-key-join', [t, f], foreignKey),
  uncached('foreign-key-left-join', [t, f], foreignKeyLeft),
  uncached('global-table-join', [a, lettersInput('g')], global),
  uncached('counts-joined-with-table', [a, t], countsWithTable),
  cached('cached-table-outer-join', [t, u], outer),
];
