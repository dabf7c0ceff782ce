import type { Change, ValueAndTimestamp } from '../processor/record.ts';
import type { Node, NodeContext } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';

export interface TableAggregateOptions<K, V, A> {
  readonly storeName: string;
  readonly sendOldValues: boolean;
  /** `aggregate` is null if there is none yet. */
  readonly add: (key: K, value: V, aggregate: A | null) => A | null;
  readonly subtract: (key: K, value: V, aggregate: A) => A | null;
}

/** Keeps one value per key, computed from the current rows of a regrouped table. */
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

interface StreamAggregateOptions<K, V, A> {
  readonly storeName: string;
  readonly sendOldValues: boolean;
  /** `aggregate` is null at the first record of a key. A result of null deletes it. */
  readonly aggregate: (key: K, value: V, aggregate: A | null) => A | null;
  /** Returns the `oldValue` of a key's first record. */
  readonly initialize: () => A | null;
}

/**
 * Keeps one value per key, computed from all records of the key. Drops records without key or
 * value.
 */
export function streamAggregateNode<K, V, A>(
  { storeName, sendOldValues, aggregate, initialize }: StreamAggregateOptions<K, V, A>,
  context: NodeContext<K, Change<A>>,
): Node<K, V> {
  const store = context.store<KeyValueStore<K, ValueAndTimestamp<A>>>(storeName);
  const forward = changeForwarder(context, store, { sendOldValues });
  return {
    process({ key, value, timestampMs: recordTimeMs, headers }) {
      if (key === null || key === undefined) return context.drop('null_key');
      if (value === null || value === undefined) return context.drop('null_value');
      const stored = store.get(key);
      const before = stored === null ? initialize() : stored.value;
      const newValue = aggregate(key, value, before);
      const timestampMs = Math.max(recordTimeMs, stored?.timestampMs ?? recordTimeMs);
      store.put(key, newValue === null ? null : { value: newValue, timestampMs });
      const oldValue = sendOldValues ? before : null;
      forward({ key, value: { newValue, oldValue, isLatest: true }, timestampMs, headers });
    },
  };
}

interface TableRegroupOptions<K, V, KOut, VOut> {
  readonly select: (key: K, value: V) => readonly [KOut, VOut];
  readonly areEqual: (one: KOut, other: KOut) => boolean;
}

/**
 * Sends each update of a table under its new keys: the value to subtract under the old key, and the
 * value to add under the new key. If the key stays the same, both go in one record.
 */
export function tableRegroupNode<K, V, KOut, VOut>(
  { select, areEqual }: TableRegroupOptions<K, V, KOut, VOut>,
  context: NodeContext<KOut, Change<VOut>>,
): Node<K, Change<V>> {
  const selected = (key: K, value: V | null) => {
    const pair = value === null ? undefined : select(key, value);
    return pair === undefined || isAbsent(pair[0]) || isAbsent(pair[1]) ? undefined : pair;
  };
  return {
    process({ key, value: { newValue, oldValue, isLatest }, timestampMs, headers }) {
      const newPair = selected(key, newValue);
      const oldPair = selected(key, oldValue);
      const send = (outKey: KOut, after: VOut | null, before: VOut | null) => {
        const change = { newValue: after, oldValue: before, isLatest };
        context.forward({ key: outKey, value: change, timestampMs, headers });
      };
      if (newPair !== undefined && oldPair !== undefined && areEqual(oldPair[0], newPair[0])) {
        return send(oldPair[0], newPair[1], oldPair[1]);
      }
      if (oldPair !== undefined) send(oldPair[0], null, oldPair[1]);
      if (newPair !== undefined) send(newPair[0], newPair[1], null);
    },
  };
}

const isAbsent = (value: unknown): boolean => value === null || value === undefined;
