import type { TopicExtractor } from '../processor/log-record.ts';
import type { GlobalKTable } from './global-table.ts';
import type { GroupedStreamState } from './grouped-stream-state.ts';
import type { Grouped } from './options/grouped.ts';
import type { JoinWindows } from './options/join-windows.ts';
import type { Joined } from './options/joined.ts';
import type { Materialized } from './options/materialized.ts';
import type { Produced } from './options/produced.ts';
import type { StreamJoined } from './options/stream-joined.ts';
import type { TableJoined } from './options/table-joined.ts';
import type { graphState, StreamState, TableState } from './stream-state.ts';

// These interfaces refer to each other, so they share a file.

type Predicate<K, V> = (key: K, value: V) => boolean;

/** Makes a result of a record, of what it is joined with, and of the record's key. */
type Joiner<V, VOther, K, VOut> = (value: V, other: VOther, key: K) => VOut;

/**
 * A stream of records. `named` is the name of the processor, for `describe()`; without it the name
 * is drawn from a counter. Operators that may change the key or value forget its serde.
 */
export interface KStream<K, V> {
  readonly [graphState]: StreamState<K, V>;
  filter(predicate: Predicate<K, V>, named?: string): KStream<K, V>;
  filterNot(predicate: Predicate<K, V>, named?: string): KStream<K, V>;
  map<KOut, VOut>(mapper: (key: K, value: V) => readonly [KOut, VOut], named?: string): KStream<KOut, VOut>;
  mapValues<VOut>(mapper: (value: V, key: K) => VOut, named?: string): KStream<K, VOut>;
  flatMap<KOut, VOut>(
    mapper: (key: K, value: V) => Iterable<readonly [KOut, VOut]>,
    named?: string,
  ): KStream<KOut, VOut>;
  flatMapValues<VOut>(mapper: (value: V, key: K) => Iterable<VOut>, named?: string): KStream<K, VOut>;
  selectKey<KOut>(select: (key: K, value: V) => KOut, named?: string): KStream<KOut, V>;
  peek(look: (key: K, value: V) => void, named?: string): KStream<K, V>;
  foreach(act: (key: K, value: V) => void, named?: string): void;
  /** Records of both streams, without an order between them. */
  merge(other: KStream<K, V>, named?: string): KStream<K, V>;
  /** Writes the records to a topic, or to the topic that the function chooses for each. */
  to(topic: string | TopicExtractor<K, V>, produced?: Produced<K, V>): void;
  /** Repartitions first if an operator before it may have changed the key. */
  groupByKey(grouped?: Grouped<K, V>): KGroupedStream<NonNullable<K>, NonNullable<V>>;
  groupBy<KOut>(
    select: (key: K, value: V) => KOut,
    grouped?: Grouped<KOut, V>,
  ): KGroupedStream<NonNullable<KOut>, NonNullable<V>>;
  /** Pairs of records of both streams with the same key whose times are near enough. */
  join<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: Joiner<NonNullable<V>, NonNullable<VOther>, NonNullable<K>, VOut>,
    windows: JoinWindows,
    streamJoined?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut>;
  /** Each record with the value that the table has for its key, if it has one. */
  join<VTable, VOut>(
    table: KTable<NonNullable<K>, VTable>,
    joiner: Joiner<NonNullable<V>, VTable, NonNullable<K>, VOut>,
    joined?: Joined<K, V>,
  ): KStream<K, VOut>;
  /** Each record with the value that the table has for the key that `tableKeyOf` gives. */
  join<KGlobal, VGlobal, VOut>(
    table: GlobalKTable<KGlobal, VGlobal>,
    tableKeyOf: (key: K, value: NonNullable<V>) => KGlobal | null,
    joiner: Joiner<NonNullable<V>, VGlobal, K, VOut>,
    named?: string,
  ): KStream<K, VOut>;
  /** As `join`. Records without a match are joined with null, when none can come any more. */
  leftJoin<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: Joiner<NonNullable<V>, NonNullable<VOther> | null, K, VOut>,
    windows: JoinWindows,
    streamJoined?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut>;
  /** As `join`. Null is the value of a key that the table does not have. */
  leftJoin<VTable, VOut>(
    table: KTable<NonNullable<K>, VTable>,
    joiner: Joiner<NonNullable<V>, VTable | null, K, VOut>,
    joined?: Joined<K, V>,
  ): KStream<K, VOut>;
  /** As `join`. Null is the value of a key that the table does not have. */
  leftJoin<KGlobal, VGlobal, VOut>(
    table: GlobalKTable<KGlobal, VGlobal>,
    tableKeyOf: (key: K, value: NonNullable<V>) => KGlobal | null,
    joiner: Joiner<NonNullable<V>, VGlobal | null, K, VOut>,
    named?: string,
  ): KStream<K, VOut>;
  /** As `leftJoin` for the records of both streams. */
  outerJoin<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: Joiner<NonNullable<V> | null, NonNullable<VOther> | null, K, VOut>,
    windows: JoinWindows,
    streamJoined?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut>;
}

/** Records by key. What aggregates them drops and counts records without a key or a value. */
export interface KGroupedStream<K, V> {
  readonly [graphState]: GroupedStreamState<K, V>;
  /** The number of records per key, stored as Java's `Long`. */
  count(materialized?: Materialized<K, number>, named?: string): KTable<K, number>;
  reduce(
    reducer: (aggregate: V, value: V) => V,
    materialized?: Materialized<K, V>,
    named?: string,
  ): KTable<K, V>;
  /** `initialize` gives the value before the first record. An aggregate of null deletes it. */
  aggregate<A>(
    initialize: () => A,
    aggregator: (key: K, value: V, aggregate: A) => A | null,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<K, A>;
}

/** A table: the newest value of each key, and its updates. */
export interface KTable<K, V> {
  readonly [graphState]: TableState<K, V>;
  /** The store that can be queried, if the table has a named one. */
  readonly queryableStoreName: string | undefined;
  /** The updates as a stream. Null is a deletion. */
  toStream(named?: string): KStream<K, V | null>;
  /** A row for each key that both tables have. A result of null is no row. */
  join<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: (value: V, other: VOther) => VOut | null,
    materialized?: Materialized<K, VOut>,
    named?: string,
  ): KTable<K, VOut>;
  /** Each row with the row of the other table that it names. A row that names none has no result. */
  join<KForeign, VForeign, VOut>(
    other: KTable<KForeign, VForeign>,
    foreignKeyOf: (value: V, key: K) => KForeign | null,
    joiner: (value: V, foreignValue: VForeign) => VOut | null,
    tableJoined?: TableJoined<K, KForeign>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>;
  /** A row for each key of this table. */
  leftJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: (value: V, other: VOther | null) => VOut | null,
    materialized?: Materialized<K, VOut>,
    named?: string,
  ): KTable<K, VOut>;
  /** Each row with the row of the other table that it names, or with null if there is none. */
  leftJoin<KForeign, VForeign, VOut>(
    other: KTable<KForeign, VForeign>,
    foreignKeyOf: (value: V, key: K) => KForeign | null,
    joiner: (value: V, foreignValue: VForeign | null) => VOut | null,
    tableJoined?: TableJoined<K, KForeign>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>;
  /** A row for each key that one of the tables has. */
  outerJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: (value: V | null, other: VOther | null) => VOut | null,
    materialized?: Materialized<K, VOut>,
    named?: string,
  ): KTable<K, VOut>;
}
