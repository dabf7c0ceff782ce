import { KeyValueView, WindowView, SessionView } from '../queries/views.ts';
import { storedValue, valueWithoutTime, type LocalStores } from '../queries/local-stores.ts';
import type { ValueAndTimestamp } from '../processor/record.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import type { StateStore } from '../processor/processor.ts';
import type { ReadOnlyKeyValueStore, ReadOnlySessionStore, ReadOnlyWindowStore } from '../state/stores.ts';
import { StreamsError } from './streams-error.ts';

/** Reads the stores of all tasks of this process as one, without the times of their values. */
export function storeView(spec: StoreSpec, stores: () => readonly StateStore[]): StateStore {
  const { name, kind } = spec;
  const valueOf = 'timestamped' in spec && spec.timestamped ? valueWithoutTimeOf : storedValue;
  const local = <S extends StateStore>(): LocalStores<S> => ({
    name,
    stores: () => stores() as readonly S[],
  });
  switch (kind) {
    case 'key_value':
      return new KeyValueView(local<ReadOnlyKeyValueStore<unknown, unknown>>(), valueOf);
    case 'window':
      return new WindowView(local<ReadOnlyWindowStore<unknown, unknown>>(), valueOf);
    case 'session':
      return new SessionView(local<ReadOnlySessionStore<unknown, unknown>>());
    case 'suppress_buffer':
      throw new StreamsError(
        'unknown_store',
        `the store ${name} is a buffer of suppress, which has no queries`,
      );
  }
}

const valueWithoutTimeOf = (stored: unknown): unknown =>
  valueWithoutTime(stored as ValueAndTimestamp<unknown>);
