import type { NodeContext } from '../../processor/node-context.ts';
import type { Node } from '../../processor/node.ts';
import type { SubscriptionResponse } from '../../serdes/subscription-response.ts';
import type { ReadableTable } from '../table-view.ts';
import { pseudoTopic, type ForeignKeyJoin } from './foreign-key-join.ts';
import { isSameHash, valueHash } from './value-hash.ts';

interface ResponseJoin<K, V, VForeign, VOut> extends Pick<
  ForeignKeyJoin<K, V, unknown, unknown>,
  'subscriptionTopic' | 'valueSerde' | 'isLeft'
> {
  readonly table: ReadableTable<K, V>;
  readonly joiner: (value: V, foreignValue: VForeign | null) => VOut | null;
}

/** Makes results of the responses. A response to an older value of the left table is dropped. */
export function responseJoinNode<K, V, VForeign, VOut>(
  join: ResponseJoin<K, V, VForeign, VOut>,
  context: NodeContext<K, VOut | null>,
): Node<K, SubscriptionResponse<VForeign>> {
  const valueOf = join.table.valueGetter(context);
  const hashTopic = pseudoTopic(join, context, 'value_hash');
  return {
    process({ key, value: { hash, foreignValue }, timestampMs, headers }) {
      const value = valueOf(key)?.value ?? null;
      if (!isSameHash(hash, valueHash(join.valueSerde, value, hashTopic))) return context.drop('skipped');
      const hasResult = value !== null && (foreignValue !== null || join.isLeft);
      const result = hasResult ? join.joiner(value, foreignValue) : null;
      context.forward({ key, value: result, timestampMs, headers });
    },
  };
}
