import type { Change, ValueAndTimestamp } from '../processor/change.ts';
import type { NodeContext } from '../processor/node-context.ts';
import type { Node } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';

interface TableDeriveOptions<K, V, VOut> {
  /** Gets null where the table has no value. */
  readonly derive: (key: K, value: V | null) => VOut | null;
  readonly storeName: string | undefined;
  readonly sendOldValues: boolean;
  /** True: nothing is sent if there was no value before and is none now. */
  readonly skipsAbsent: boolean;
}

/** Sends the update of a derived table for each update of the table before it. */
export function tableDeriveNode<K, V, VOut>(
  { derive, storeName, sendOldValues, skipsAbsent }: TableDeriveOptions<K, V, VOut>,
  context: NodeContext<K, Change<VOut>>,
): Node<K, Change<V>> {
  const isUnchanged = (oldValue: VOut | null, newValue: VOut | null) =>
    skipsAbsent && sendOldValues && oldValue === null && newValue === null;
  if (storeName === undefined) {
    return {
      process({ key, value: change, timestampMs, headers }) {
        const newValue = derive(key, change.newValue);
        const oldValue = sendOldValues ? derive(key, change.oldValue) : null;
        if (isUnchanged(oldValue, newValue)) return;
        context.forward({
          key,
          value: { newValue, oldValue, isLatest: change.isLatest },
          timestampMs,
          headers,
        });
      },
    };
  }
  const store = context.store<KeyValueStore<K, ValueAndTimestamp<VOut>>>(storeName);
  const forward = changeForwarder(context, store, { sendOldValues });
  return {
    process({ key, value: change, timestampMs, headers }) {
      const newValue = derive(key, change.newValue);
      const oldValue = sendOldValues ? (store.get(key)?.value ?? null) : null;
      if (isUnchanged(oldValue, newValue)) return;
      store.put(key, newValue === null ? null : { value: newValue, timestampMs });
      forward({ key, value: { newValue, oldValue, isLatest: true }, timestampMs, headers });
    },
  };
}
