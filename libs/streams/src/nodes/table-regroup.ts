import type { Change } from '../processor/change.ts';
import type { NodeContext } from '../processor/node-context.ts';
import type { Node } from '../processor/node.ts';

interface TableRegroupOptions<K, V, KOut, VOut> {
  readonly select: (key: K, value: V) => readonly [KOut, VOut];
  readonly areEqual: (one: KOut, other: KOut) => boolean;
}

/**
 * Sends each update of a table under its new keys: what is to be subtracted under the old key and
 * what is to be added under the new one, in one record if the key stays the same.
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
