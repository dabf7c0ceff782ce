import type { NodeContext } from '../../processor/node-context.ts';
import type { Node } from '../../processor/node.ts';
import type { SubscriptionResponse } from '../../serdes/subscription-response.ts';
import type { Subscription } from '../../serdes/subscription.ts';
import type { ReadableTable } from '../table-view.ts';
import { pseudoTopic, type ForeignKeyJoin } from './foreign-key-join.ts';

interface SubscriptionJoin<K, KForeign, VForeign> extends Pick<
  ForeignKeyJoin<K, unknown, KForeign, unknown>,
  'subscriptionTopic' | 'keySerde'
> {
  readonly foreignTable: ReadableTable<KForeign, VForeign>;
}

/** Responds to a subscription with the value that the right table has for its foreign key. */
export function subscriptionJoinNode<K, KForeign, VForeign>(
  join: SubscriptionJoin<K, KForeign, VForeign>,
  context: NodeContext<K | null, SubscriptionResponse<VForeign>>,
): Node<KForeign | null, Subscription> {
  const foreignValueOf = join.foreignTable.valueGetter(context);
  const primaryKeyTopic = pseudoTopic(join, context, 'primary_key');
  return {
    process({ key: foreignKey, value: subscription, timestampMs: subscribedAtMs, headers }) {
      const { hash, instruction, primaryKey, primaryPartition } = subscription;
      if (instruction === 'unsubscribe') return;
      const found = foreignKey === null ? null : foreignValueOf(foreignKey);
      if (found === null && instruction === 'respond_if_found') return;
      const isRemoved = instruction === 'unsubscribe_and_respond';
      const foreignValue = isRemoved ? null : (found?.value ?? null);
      context.forward({
        key: join.keySerde.decode(primaryKey, primaryKeyTopic),
        value: { hash, foreignValue, primaryPartition },
        timestampMs: Math.max(subscribedAtMs, found?.timestampMs ?? subscribedAtMs),
        headers,
      });
    },
  };
}
