import type { Change } from '../../processor/change.ts';
import type { NodeContext } from '../../processor/node-context.ts';
import type { Node } from '../../processor/node.ts';
import { combinedKeyPrefix, primaryKeyOf } from '../../serdes/combined-key.ts';
import type { SubscriptionResponse } from '../../serdes/subscription-response.ts';
import { pseudoTopic, type ForeignKeyJoin } from './foreign-key-join.ts';
import type { SubscriptionStore } from './subscription-receive.ts';

/** Responds to all subscriptions of a foreign key when the right table has a new value for it. */
export function foreignTableJoinNode<K, KForeign, VForeign>(
  join: Pick<
    ForeignKeyJoin<K, unknown, KForeign, unknown>,
    'subscriptionStoreName' | 'subscriptionTopic' | 'keySerde' | 'foreignKeySerde'
  >,
  context: NodeContext<K | null, SubscriptionResponse<VForeign>>,
): Node<KForeign | null, Change<VForeign>> {
  const store = context.store<SubscriptionStore>(join.subscriptionStoreName);
  const foreignKeyTopic = pseudoTopic(join, context, 'foreign_key');
  const primaryKeyTopic = pseudoTopic(join, context, 'primary_key');
  return {
    process({ key: foreignKey, value: { newValue }, timestampMs, headers }) {
      if (foreignKey === null) return context.drop('null_key');
      const encoded = join.foreignKeySerde.encode(foreignKey, foreignKeyTopic) ?? new Uint8Array(0);
      using subscriptions = store.prefixScan(combinedKeyPrefix(encoded));
      for (const { key, value } of subscriptions) {
        const { hash, primaryPartition } = value.value;
        context.forward({
          key: join.keySerde.decode(primaryKeyOf(key), primaryKeyTopic),
          value: { hash, foreignValue: newValue, primaryPartition },
          timestampMs,
          headers,
        });
      }
    },
  };
}
