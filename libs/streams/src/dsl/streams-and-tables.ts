import type { TopicExtractor } from '../processor/log-record.ts';
import type { GroupedStreamState } from './grouped-stream-state.ts';
import type { Grouped } from './options/grouped.ts';
import type { Materialized } from './options/materialized.ts';
import type { Produced } from './options/produced.ts';
import type { graphState, StreamState, TableState } from './stream-state.ts';

// These interfaces refer to each other, so they share a file.

type Predicate<K, V> = (key: K, value: V) => boolean;

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
}
