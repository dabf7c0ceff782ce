import type { Change, ValueAndTimestamp } from '../processor/change.ts';
import type { NodeContext } from '../processor/node-context.ts';
import type { Node } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';

interface TableSourceOptions {
  /** Undefined: the table has no store, and every record is an update. */
  readonly storeName: string | undefined;
  readonly sendOldValues: boolean;
}

/** Makes updates of a table of the records of a topic. A record without a key is dropped. */
export function tableSourceNode<K, V>(
  { storeName, sendOldValues }: TableSourceOptions,
  context: NodeContext<K, Change<V>>,
): Node<K, V | null> {
  if (storeName === undefined) return unstoredSource(context);
  const store = context.store<KeyValueStore<K, ValueAndTimestamp<V>>>(storeName);
  const forward = changeForwarder(context, store, { sendOldValues });
  return {
    process({ key, value, timestampMs, headers }) {
      if (key === null) return context.drop('null_key');
      const oldValue = sendOldValues ? (store.get(key)?.value ?? null) : null;
      store.put(key, value === null ? null : { value, timestampMs });
      forward({ key, value: { newValue: value, oldValue, isLatest: true }, timestampMs, headers });
    },
  };
}

const unstoredSource = <K, V>(context: NodeContext<K, Change<V>>): Node<K, V | null> => ({
  process({ key, value, timestampMs, headers }) {
    if (key === null) return context.drop('null_key');
    context.forward({
      key,
      value: { newValue: value, oldValue: null, isLatest: true },
      timestampMs,
      headers,
    });
  },
});
