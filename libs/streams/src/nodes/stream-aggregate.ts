import type { Change, ValueAndTimestamp } from '../processor/change.ts';
import type { NodeContext } from '../processor/node-context.ts';
import type { Node } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';

interface StreamAggregateOptions<K, V, A> {
  readonly storeName: string;
  readonly sendOldValues: boolean;
  /** Gets null at the first record of a key. Returns null to delete the aggregate. */
  readonly aggregate: (key: K, value: V, aggregate: A | null) => A | null;
  /** Returns the `oldValue` of a key's first record. */
  readonly initial: () => A | null;
}

/** Keeps one value per key, made of all records of the key. Drops records without key or value. */
export function streamAggregateNode<K, V, A>(
  { storeName, sendOldValues, aggregate, initial }: StreamAggregateOptions<K, V, A>,
  context: NodeContext<K, Change<A>>,
): Node<K, V> {
  const store = context.store<KeyValueStore<K, ValueAndTimestamp<A>>>(storeName);
  const forward = changeForwarder(context, store, { sendOldValues });
  return {
    process({ key, value, timestampMs: recordTimeMs, headers }) {
      if (key === null || key === undefined) return context.drop('null_key');
      if (value === null || value === undefined) return context.drop('null_value');
      const stored = store.get(key);
      const before = stored === null ? initial() : stored.value;
      const newValue = aggregate(key, value, before);
      const timestampMs = Math.max(recordTimeMs, stored?.timestampMs ?? recordTimeMs);
      store.put(key, newValue === null ? null : { value: newValue, timestampMs });
      const oldValue = sendOldValues ? before : null;
      forward({ key, value: { newValue, oldValue, isLatest: true }, timestampMs, headers });
    },
  };
}
