import { ClientError } from '../errors/client-error.ts';
import { nameOf } from '../partition-names.ts';
import type { TopicPartition } from '../types.ts';

/** Returns the items of a call by name. Throws if a name occurs twice. */
export function namedItems<Item>(
  items: readonly Item[],
  nameOfItem: (item: Item) => string,
): ReadonlyMap<string, Item> {
  const named = new Map<string, Item>();
  for (const item of items) {
    const name = nameOfItem(item);
    if (named.has(name)) throw invalid(`${name} is named twice: name each item once`);
    named.set(name, item);
  }
  return named;
}

export const byPartition = <Place extends TopicPartition>(
  places: readonly Place[],
): ReadonlyMap<string, Place> => namedItems(places, nameOf);

/** Groups partitions by topic, as request bodies do. */
export const byTopic = <Place extends TopicPartition>(
  places: Iterable<Place>,
): ReadonlyArray<readonly [topic: string, places: readonly Place[]]> => [
  ...Map.groupBy(places, ({ topic }) => topic),
];

export const invalid = (message: string): ClientError => new ClientError('argument_invalid', message);
