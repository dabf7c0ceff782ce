import type { TopicExtractor } from '../processor/record.ts';
import type { GlobalKTable } from './operations/sources.ts';
import type { ProcessorSupplier } from '../processor/processor.ts';
import type {
  TimeWindows,
  SlidingWindows,
  SessionWindows,
  UnlimitedWindows,
  Windowed,
  EmitStrategy,
} from '../processor/windows.ts';
import type { Joined, TableJoined, JoinWindows, StreamJoined } from './options/joins.ts';
import type { Materialized } from './options/stores.ts';
import type { ProcessOptions } from './operations/process.ts';
import type { TransformOptions, ValueTransformer } from './operations/derived-tables.ts';
import type { Produced, PrintOptions, Grouped, RepartitionedOptions } from './options/topics.ts';
import type { Suppressed } from './options/suppressed.ts';
import type { Aggregator, Predicate, Reducer, SessionMerger, ValueGuard } from './user-functions.ts';
import type { graphState, StreamState, TableState, GroupedStreamState } from './stream-state.ts';

// These interfaces refer to each other, so they share a file.

/** A topic, or a function that chooses the topic of each record. */
export type ToTopic<K, V> = string | TopicExtractor<K, V>;

/** Computes a result from a record, the value that it is joined with, and the record's key. */
type Joiner<V, VOther, K, VOut> = (value: V, other: VOther, key: K) => VOut;

/**
 * A stream of records. `named` is the processor's name in `describe()`, by default a generated one.
 * An operator that may change the key or value drops its serde.
 */
export interface KStream<out K, out V> {
  readonly [graphState]: StreamState<K, V>;
  /** A predicate that is a type guard of the value narrows the type of the stream. */
  filter<VOut extends V>(predicate: ValueGuard<K, V, VOut>, named?: string): KStream<K, VOut>;
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
  /** Merges the records of both streams. There is no order between the streams. */
  merge(other: KStream<K, V>, named?: string): KStream<K, V>;
  /** Divides the records into branches. */
  split(named?: string): BranchedKStream<K, V>;
  /** Sends the records through a topic, so that all records of a key come to one partition. */
  repartition(repartitioned?: RepartitionedOptions<K, V>): KStream<K, V>;
  /**
   * A table of the newest value of each key. Repartitions first if an operator before it may have
   * changed the key.
   */
  toTable(materialized?: Materialized<K, V>, named?: string): KTable<K, V>;
  process<KOut, VOut>(
    supplier: ProcessorSupplier<K, V, KOut, VOut>,
    options?: ProcessOptions,
  ): KStream<KOut, VOut>;
  /** Like `process`. The processor must keep the key of each record. */
  processValues<VOut>(supplier: ProcessorSupplier<K, V, K, VOut>, options?: ProcessOptions): KStream<K, VOut>;
  /** Writes a line `[label]: key, value` for each record. */
  print(options: PrintOptions<K, V>): void;
  /** Writes the records to a topic, or to the topic that the function chooses for each. */
  to(topic: ToTopic<K, V>, produced?: Produced<K, V>): void;
  /** Repartitions first if an operator before it may have changed the key. */
  groupByKey(grouped?: Grouped<K, V>): KGroupedStream<NonNullable<K>, NonNullable<V>>;
  groupBy<KOut>(
    select: (key: K, value: V) => KOut,
    grouped?: Grouped<KOut, V>,
  ): KGroupedStream<NonNullable<KOut>, NonNullable<V>>;
  /** Joins records of both streams with the same key and close times. */
  join<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: Joiner<NonNullable<V>, NonNullable<VOther>, NonNullable<K>, VOut>,
    windows: JoinWindows,
    streamJoined?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut>;
  /** Joins each record with the table's value for its key, and drops those without one. */
  join<VTable, VOut>(
    table: KTable<NonNullable<K>, VTable>,
    joiner: Joiner<NonNullable<V>, VTable, NonNullable<K>, VOut>,
    joined?: Joined<K, V>,
  ): KStream<K, VOut>;
  /** Joins each record with the table's value for the key that `tableKeyOf` returns. */
  join<KGlobal, VGlobal, VOut>(
    table: GlobalKTable<KGlobal, VGlobal>,
    tableKeyOf: (key: K, value: NonNullable<V>) => KGlobal | null,
    joiner: Joiner<NonNullable<V>, VGlobal, K, VOut>,
    named?: string,
  ): KStream<K, VOut>;
  /** Like `join`. Joins a record with null once no match can come any more. */
  leftJoin<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: Joiner<NonNullable<V>, NonNullable<VOther> | null, K, VOut>,
    windows: JoinWindows,
    streamJoined?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut>;
  /** Like `join`. Joins a record with null if the table has no value. */
  leftJoin<VTable, VOut>(
    table: KTable<NonNullable<K>, VTable>,
    joiner: Joiner<NonNullable<V>, VTable | null, K, VOut>,
    joined?: Joined<K, V>,
  ): KStream<K, VOut>;
  /** Like `join`. Joins a record with null if the table has no value. */
  leftJoin<KGlobal, VGlobal, VOut>(
    table: GlobalKTable<KGlobal, VGlobal>,
    tableKeyOf: (key: K, value: NonNullable<V>) => KGlobal | null,
    joiner: Joiner<NonNullable<V>, VGlobal | null, K, VOut>,
    named?: string,
  ): KStream<K, VOut>;
  /** Like `leftJoin`, for the records of both streams. */
  outerJoin<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: Joiner<NonNullable<V> | null, NonNullable<VOther> | null, K, VOut>,
    windows: JoinWindows,
    streamJoined?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut>;
}

export interface Branched<K, V> {
  /** The end of the branch's name. The default is its number, which is 0 for the default branch. */
  readonly named?: string;
  /** Continues the branch. The returned stream is the branch's entry in the map. */
  chain?(stream: KStream<K, V>): KStream<K, V> | undefined | void;
}

/** A stream that is being divided. Each record goes to the first branch whose predicate holds. */
export interface BranchedKStream<K, V> {
  branch(predicate: Predicate<K, V>, branched?: Branched<K, V>): BranchedKStream<K, V>;
  /** Takes the remaining records. Returns the branches by name. */
  defaultBranch(branched?: Branched<K, V>): ReadonlyMap<string, KStream<K, V>>;
  /** Drops the remaining records. Returns the branches by name. */
  noDefaultBranch(): ReadonlyMap<string, KStream<K, V>>;
}

/** Records by key. Aggregations drop and count records without a key or a value. */
export interface KGroupedStream<K, V> {
  readonly [graphState]: GroupedStreamState<K, V>;
  /** The number of records per key, stored as Java's `Long`. */
  count(materialized?: Materialized<K, number>, named?: string): KTable<K, number>;
  reduce(reducer: Reducer<V>, materialized?: Materialized<K, V>, named?: string): KTable<K, V>;
  /** `initialize` returns the first aggregate. A result of null deletes the aggregate. */
  aggregate<A>(
    initialize: () => A,
    aggregator: Aggregator<K, V, A>,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<K, A>;
  windowedBy(windows: TimeWindows | UnlimitedWindows | SlidingWindows): TimeWindowedKStream<K, V>;
  windowedBy(windows: SessionWindows): SessionWindowedKStream<K, V>;
  /** Begins an aggregation of several grouped streams into one table. */
  cogroup<A>(aggregator: Aggregator<K, V, A>): CogroupedKStream<K, A>;
}

/** Grouped streams, each with the aggregator that adds its records to one aggregate per key. */
export interface CogroupedKStream<K, A> {
  cogroup<V>(stream: KGroupedStream<K, V>, aggregator: Aggregator<K, V, A>): CogroupedKStream<K, A>;
  aggregate(initialize: () => A, materialized?: Materialized<K, A>, named?: string): KTable<K, A>;
  windowedBy(windows: TimeWindows | UnlimitedWindows | SlidingWindows): TimeWindowedCogroupedKStream<K, A>;
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedKStream<K, A>;
}

export interface TimeWindowedCogroupedKStream<K, A> {
  /** `listen` is called once per member, in order, with a stream that has the member's serdes. */
  onLate(listen: (late: KStream<K, unknown>) => void): TimeWindowedCogroupedKStream<K, A>;
  aggregate(initialize: () => A, materialized?: Materialized<K, A>, named?: string): KTable<Windowed<K>, A>;
}

export interface SessionWindowedCogroupedKStream<K, A> {
  onLate(listen: (late: KStream<K, unknown>) => void): SessionWindowedCogroupedKStream<K, A>;
  aggregate(
    initialize: () => A,
    merger: SessionMerger<K, A>,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<Windowed<K>, A>;
}

/** Records by key and window. Aggregations drop and count late records. */
export interface WindowedKStream<K, V, Self> {
  /** `onWindowUpdate`, the default, or `onWindowClose`. */
  emitStrategy(strategy: EmitStrategy): Self;
  /** Passes on the records that came too late for all their windows. Java lacks this. */
  onLate(listen: (late: KStream<K, V>) => void): Self;
  count(materialized?: Materialized<K, number>, named?: string): KTable<Windowed<K>, number>;
  reduce(reducer: Reducer<V>, materialized?: Materialized<K, V>, named?: string): KTable<Windowed<K>, V>;
}

export interface TimeWindowedKStream<K, V> extends WindowedKStream<K, V, TimeWindowedKStream<K, V>> {
  /** `initialize` returns a window's first aggregate. A result of null deletes it. */
  aggregate<A>(
    initialize: () => A,
    aggregator: Aggregator<K, V, A>,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<Windowed<K>, A>;
}

export interface SessionWindowedKStream<K, V> extends WindowedKStream<K, V, SessionWindowedKStream<K, V>> {
  aggregate<A>(
    initialize: () => A,
    aggregator: Aggregator<K, V, A>,
    merger: SessionMerger<K, A>,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<Windowed<K>, A>;
}

/** A table: the newest value of each key, and its updates. */
export interface KTable<out K, out V> {
  readonly [graphState]: TableState<K, V>;
  /** The store that can be queried, if the table has a named one. */
  readonly queryableStoreName: string | undefined;
  filter(predicate: Predicate<K, V>, materialized?: Materialized<K, V>, named?: string): KTable<K, V>;
  filterNot(predicate: Predicate<K, V>, materialized?: Materialized<K, V>, named?: string): KTable<K, V>;
  /** A result of null deletes the row. */
  mapValues<VOut>(
    mapper: (value: V, key: K) => VOut | null,
    materialized?: Materialized<K, VOut>,
    named?: string,
  ): KTable<K, VOut>;
  /** Like `mapValues`, with one transformer per task, which may use stores. */
  transformValues<VOut>(
    newTransformer: () => ValueTransformer<K, V, VOut>,
    options?: TransformOptions<K, VOut>,
  ): KTable<K, VOut>;
  /** Groups the rows under new keys. Rows without a new key or value are left out. */
  groupBy<KOut, VOut>(
    select: (key: K, value: V) => readonly [KOut, VOut],
    grouped?: Grouped<KOut, VOut>,
  ): KGroupedTable<NonNullable<KOut>, NonNullable<VOut>>;
  /** The updates as a stream. A value of null is a deletion. */
  toStream(named?: string): KStream<K, V | null>;
  /** Has a row for each key that both tables have. A result of null deletes the row. */
  join<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: (value: V, other: VOther) => VOut | null,
    materialized?: Materialized<K, VOut>,
    named?: string,
  ): KTable<K, VOut>;
  /** Joins each row with the row of the other table that it names, if any. */
  join<KForeign, VForeign, VOut>(
    other: KTable<KForeign, VForeign>,
    foreignKeyOf: (value: V, key: K) => KForeign | null,
    joiner: (value: V, foreignValue: VForeign) => VOut | null,
    tableJoined?: TableJoined<K, KForeign>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>;
  /** Has a row for each key of this table. */
  leftJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: (value: V, other: VOther | null) => VOut | null,
    materialized?: Materialized<K, VOut>,
    named?: string,
  ): KTable<K, VOut>;
  /** Joins each row with the row of the other table that it names, or with null. */
  leftJoin<KForeign, VForeign, VOut>(
    other: KTable<KForeign, VForeign>,
    foreignKeyOf: (value: V, key: K) => KForeign | null,
    joiner: (value: V, foreignValue: VForeign | null) => VOut | null,
    tableJoined?: TableJoined<K, KForeign>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>;
  /** Has a row for each key of either table. */
  outerJoin<VOther, VOut>(
    other: KTable<K, VOther>,
    joiner: (value: V | null, other: VOther | null) => VOut | null,
    materialized?: Materialized<K, VOut>,
    named?: string,
  ): KTable<K, VOut>;
  /** Holds back updates: `untilWindowCloses()` or `untilTimeLimit(waitMs)`. */
  suppress(suppressed: Suppressed): KTable<K, V>;
}

/** The rows of a table by another key. */
export interface KGroupedTable<K, V> {
  /** The number of rows per key, stored as Java's `Long`. */
  count(materialized?: Materialized<K, number>, named?: string): KTable<K, number>;
  reduce(
    adder: (aggregate: V, value: V) => V | null,
    subtractor: (aggregate: V, value: V) => V | null,
    materialized?: Materialized<K, V>,
    named?: string,
  ): KTable<K, V>;
  aggregate<A>(
    initialize: () => A,
    adder: (key: K, value: V, aggregate: A) => A | null,
    subtractor: (key: K, value: V, aggregate: A) => A | null,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<K, A>;
}
