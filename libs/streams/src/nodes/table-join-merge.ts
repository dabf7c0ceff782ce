import type { Change, ValueAndTimestamp } from '../processor/change.ts';
import type { NodeContext } from '../processor/node-context.ts';
import type { Node } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';

interface TableJoinMergeOptions {
  /** Undefined: the result has no store. */
  readonly storeName: string | undefined;
  readonly sendOldValues: boolean;
}

/** The result of a join of tables, whichever of the two was updated. */
export function tableJoinMergeNode<K, V>(
  { storeName, sendOldValues }: TableJoinMergeOptions,
  context: NodeContext<K, Change<V>>,
): Node<K, Change<V>> {
  const update = ({ newValue, oldValue, isLatest }: Change<V>): Change<V> => ({
    newValue,
    oldValue: sendOldValues ? oldValue : null,
    isLatest,
  });
  if (storeName === undefined) {
    return {
      process({ key, value, timestampMs, headers }) {
        context.forward({ key, value: update(value), timestampMs, headers });
      },
    };
  }
  const store = context.store<KeyValueStore<K, ValueAndTimestamp<V>>>(storeName);
  const forward = changeForwarder(context, store, { sendOldValues });
  return {
    process({ key, value: change, timestampMs, headers }) {
      const { newValue } = change;
      store.put(key, newValue === null ? null : { value: newValue, timestampMs });
      forward({ key, value: update({ ...change, isLatest: true }), timestampMs, headers });
    },
  };
}
