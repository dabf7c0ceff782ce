import type { ValueAndTimestamp } from '../processor/record.ts';
import type { StateStore } from '../processor/processor.ts';
import type { StoreIterator } from '../state/stores.ts';

/** The stores of one name in the tasks of this process. They change with each rebalance. */
export interface LocalStores<S extends StateStore> {
  readonly name: string;
  /** Called at each read. Throws while the stores cannot be read, as during a restore. */
  stores(): readonly S[];
}

/** The value as it is stored. */
export const storedValue = <V>(stored: V): V => stored;

/** The value of a timestamped store without its time. */
export const valueWithoutTime = <V>({ value }: ValueAndTimestamp<V>): V => value;

/** The first answer of a store that has one. A key lies in one partition, and so in one store. */
export function firstAnswer<S extends StateStore, A>(
  { stores }: LocalStores<S>,
  ask: (store: S) => A | null,
): A | null {
  for (const store of stores()) {
    const answer = ask(store);
    if (answer !== null) return answer;
  }
  return null;
}

/** The entries of each store, one store after the other, as in Kafka Streams. */
export function entriesOfAll<S extends StateStore, T, U>(
  { stores }: LocalStores<S>,
  read: (store: S) => StoreIterator<T>,
  convert: (item: T) => U,
): StoreIterator<U> {
  return converted(stores(), read, convert);
}

function* converted<S, T, U>(
  stores: readonly S[],
  read: (store: S) => StoreIterator<T>,
  convert: (item: T) => U,
): Generator<U, undefined> {
  for (const store of stores) {
    using items = read(store);
    for (const item of items) yield convert(item);
  }
}
