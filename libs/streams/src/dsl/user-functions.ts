/** Returns whether to keep the record, or to send it to the branch. */
export type Predicate<K, V> = (key: K, value: V) => boolean;

/** A predicate that also says which type the value has if it is true. */
export type ValueGuard<K, V, VOut extends V> = (key: K, value: V) => value is VOut;

/** Returns the new aggregate, which has the type of the values. Null deletes the aggregate. */
export type Reducer<V> = (aggregate: V, value: V) => V | null;

/** Adds a record to an aggregate. Null deletes the aggregate. */
export type Aggregator<K, V, A> = (key: K, value: V, aggregate: A) => A | null;

/** Joins the aggregates of two sessions that a record has connected, the earlier one first. */
export type SessionMerger<K, A> = (key: K, one: A, other: A) => A;
