import type { NodeFactory } from '../processor/node.ts';

export const filterNode =
  <K, V>(predicate: (key: K, value: V) => boolean): NodeFactory<K, V, K, V> =>
  (context) => ({
    process(record) {
      if (predicate(record.key, record.value)) context.forward(record);
    },
  });

/** Replaces the key and the value of each record. */
export const mapNode =
  <K, V, KOut, VOut>(map: (key: K, value: V) => readonly [KOut, VOut]): NodeFactory<K, V, KOut, VOut> =>
  (context) => ({
    process({ key, value, timestampMs, headers }) {
      const [newKey, newValue] = map(key, value);
      context.forward({ key: newKey, value: newValue, timestampMs, headers });
    },
  });

export const flatMapNode =
  <K, V, KOut, VOut>(
    map: (key: K, value: V) => Iterable<readonly [KOut, VOut]>,
  ): NodeFactory<K, V, KOut, VOut> =>
  (context) => ({
    process({ key, value, timestampMs, headers }) {
      for (const [newKey, newValue] of map(key, value)) {
        context.forward({ key: newKey, value: newValue, timestampMs, headers });
      }
    },
  });

export const mapValuesNode =
  <K, V, VOut>(map: (value: V, key: K) => VOut): NodeFactory<K, V, K, VOut> =>
  (context) => ({
    process({ key, value, timestampMs, headers }) {
      context.forward({ key, value: map(value, key), timestampMs, headers });
    },
  });

export const flatMapValuesNode =
  <K, V, VOut>(map: (value: V, key: K) => Iterable<VOut>): NodeFactory<K, V, K, VOut> =>
  (context) => ({
    process({ key, value, timestampMs, headers }) {
      for (const newValue of map(value, key)) context.forward({ key, value: newValue, timestampMs, headers });
    },
  });

export const selectKeyNode =
  <K, V, KOut>(select: (key: K, value: V) => KOut): NodeFactory<K, V, KOut, V> =>
  (context) => ({
    process({ key, value, timestampMs, headers }) {
      context.forward({ key: select(key, value), value, timestampMs, headers });
    },
  });

export const peekNode =
  <K, V>(look: (key: K, value: V) => void): NodeFactory<K, V, K, V> =>
  (context) => ({
    process(record) {
      look(record.key, record.value);
      context.forward(record);
    },
  });

export const foreachNode =
  <K, V>(act: (key: K, value: V) => void): NodeFactory<K, V> =>
  () => ({
    process: ({ key, value }) => act(key, value),
  });

export const passNode =
  <K, V>(): NodeFactory<K, V, K, V> =>
  (context) => ({
    process: (record) => context.forward(record),
  });

/**
 * Forwards each record to the child of the first predicate that holds, or else to the last child.
 */
export const branchNode =
  <K, V>(
    branches: readonly { readonly child: string; readonly predicate: (key: K, value: V) => boolean }[],
  ): NodeFactory<K, V, K, V> =>
  (context) => ({
    process(record) {
      const branch = branches.find(({ predicate }) => predicate(record.key, record.value));
      if (branch !== undefined) context.forward(record, branch.child);
    },
  });
