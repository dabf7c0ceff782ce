import type { NodeContext } from '../processor/node-context.ts';
import type { Node } from '../processor/node.ts';
import type { WindowStore } from '../state/stores.ts';

/** Keeps the records of one side of a join of streams for as long as the other side may need them. */
export function joinWindowNode<K, V>(
  { storeName }: { readonly storeName: string },
  context: NodeContext<K | null, V>,
): Node<K | null, V> {
  const store = context.store<WindowStore<K, V>>(storeName);
  return {
    process(record) {
      context.forward(record);
      if (record.key !== null) store.put(record.key, record.value, record.timestampMs);
    },
  };
}
