import type { KeyValueStore, ValueTransformer } from '@millrace/streams';

/** Numbers the values of a key by means of a store of its own. */
export function numberedValues(): ValueTransformer<string, string, string> {
  let seen: KeyValueStore<string, number>;
  return {
    init(context) {
      seen = context.store('seen');
    },
    transform(key, value) {
      const now = (seen.get(key) ?? 0) + 1;
      seen.put(key, now);
      return value === null ? null : `${value}#${now}`;
    },
  };
}

/** Keeps no state, and turns values that end in an exclamation mark into none. */
export const markedValues = (): ValueTransformer<string, string, string> => ({
  transform: (key, value) => (value === null || value.endsWith('!') ? null : `${key}~${value}`),
});
