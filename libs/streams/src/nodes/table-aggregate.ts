import type { Change, ValueAndTimestamp } from '../processor/change.ts';
import type { NodeContext } from '../processor/node-context.ts';
import type { Node } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';

interface TableAggregateOptions<K, V, A> {
  readonly storeName: string;
  readonly sendOldValues: boolean;
  /** Gets null where there is no aggregate yet. */
  readonly add: (key: K, value: V, aggregate: A | null) => A | null;
  readonly subtract: (key: K, value: V, aggregate: A) => A | null;
}

/** Keeps one value per key, made of the current values of a regrouped table. */
export function tableAggregateNode<K, V, A>(
  { storeName, sendOldValues, add, subtract }: TableAggregateOptions<K, V, A>,
  context: NodeContext<K, Change<A>>,
): Node<K, Change<V>> {
  const store = context.store<KeyValueStore<K, ValueAndTimestamp<A>>>(storeName);
  const forward = changeForwarder(context, store, { sendOldValues });
  return {
    process({ key, value: change, timestampMs: recordTimeMs, headers }) {
      const stored = store.get(key);
      const before = stored?.value ?? null;
      const isSubtracted = change.oldValue !== null && before !== null;
      const between = isSubtracted ? subtract(key, change.oldValue, before) : before;
      const newValue = change.newValue === null ? between : add(key, change.newValue, between);
      const takesPart = isSubtracted || change.newValue !== null;
      const timestampMs = takesPart ? Math.max(recordTimeMs, stored?.timestampMs ?? 0) : recordTimeMs;
      store.put(key, newValue === null ? null : { value: newValue, timestampMs });
      const oldValue = sendOldValues ? before : null;
      forward({ key, value: { newValue, oldValue, isLatest: true }, timestampMs, headers });
    },
  };
}
