/** True keeps the record, or sends it this way. */
export type Predicate<K, V> = (key: K, value: V) => boolean;

/** Gives the new aggregate, of the type of the values. Null deletes the aggregate. */
export type Reducer<V> = (aggregate: V, value: V) => V | null;

/** Adds a record to an aggregate. Null deletes the aggregate. */
export type Aggregator<K, V, A> = (key: K, value: V, aggregate: A) => A | null;

/** Joins the aggregates of two sessions that a record has connected, the earlier one first. */
export type SessionMerger<K, A> = (key: K, one: A, other: A) => A;
