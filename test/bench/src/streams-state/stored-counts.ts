import { consumed, grouped, materialized, serdes, StreamsBuilder, type Topology } from '@millrace/streams';

export const applicationId = 'state';
export const input = 'changes';
export const storeName = 'latest';
export const changelog = `${applicationId}-${storeName}-changelog`;

const valueBytes = 100;
const sampledKeys = 2_000;

/** Spread over the whole store, whose rows are in the order of these texts. */
export const keyOf = (index: number): string => `key-${String(index).padStart(12, '0')}`;

/** Returns the state of a key after so many changes. */
export const valueOf = (index: number, changes: number): string =>
  `${changes} ${index} `.padEnd(valueBytes, 'x');

/** Counts the changes of each key in a value of 100 bytes, so that a repeated record shows. */
export function changesByKey(): Topology {
  const text = serdes.string;
  const builder = new StreamsBuilder();
  builder
    .stream(input, consumed(text, text))
    .groupByKey(grouped(text, text))
    .aggregate(
      () => '0',
      (_key, index, before) => valueOf(Number(index), Number(before.split(' ', 1)[0]) + 1),
      materialized(storeName, { valueSerde: text }),
    );
  return builder.build();
}

/** How the changes are spread: every key has one in the changelog, and the first ones have another. */
export interface Changes {
  readonly keys: number;
  readonly changedTwice: number;
}

/** Returns some of the keys with their values, with the first and the last of both kinds. */
export function sampleOf({ keys, changedTwice }: Changes): ReadonlyMap<string, string> {
  const step = Math.max(1, Math.floor(keys / sampledKeys));
  const indexes = new Set([0, changedTwice - 1, changedTwice, keys - 1]);
  for (let index = 0; index < keys; index += step) indexes.add(index);
  const known = [...indexes].filter((index) => index >= 0 && index < keys);
  return new Map(known.map((index) => [keyOf(index), valueOf(index, index < changedTwice ? 2 : 1)]));
}
