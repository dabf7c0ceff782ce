import type { ValueAndTimestamp } from '../../processor/change.ts';
import type { NodeContext } from '../../processor/node-context.ts';
import type { Node } from '../../processor/node.ts';
import { combinedKey } from '../../serdes/combined-key.ts';
import type { Subscription } from '../../serdes/subscription.ts';
import type { KeyValueStore } from '../../state/stores.ts';
import { pseudoTopic, type ForeignKeyJoin } from './foreign-key-join.ts';

export type SubscriptionStore = KeyValueStore<Uint8Array, ValueAndTimestamp<Subscription>>;

/** Keeps the subscriptions of the foreign keys of this partition. */
export function subscriptionReceiveNode<K, KForeign>(
  join: Pick<
    ForeignKeyJoin<K, unknown, KForeign, unknown>,
    'subscriptionStoreName' | 'subscriptionTopic' | 'foreignKeySerde'
  >,
  context: NodeContext<KForeign | null, Subscription>,
): Node<KForeign | null, Subscription> {
  const store = context.store<SubscriptionStore>(join.subscriptionStoreName);
  const foreignKeyTopic = pseudoTopic(join, context, 'foreign_key');

  const keep = (foreignKey: KForeign, subscription: Subscription, timestampMs: number) => {
    const encoded = join.foreignKeySerde.encode(foreignKey, foreignKeyTopic) ?? new Uint8Array(0);
    const storeKey = combinedKey(encoded, subscription.primaryKey);
    if (isUnsubscription(subscription)) store.delete(storeKey);
    else store.put(storeKey, { value: subscription, timestampMs });
  };

  return {
    process(record) {
      const { key, value, timestampMs } = record;
      if (key !== null) keep(key, value, timestampMs);
      else if (value.instruction !== 'respond') return context.drop('null_key');
      context.forward(record);
    },
  };
}

const isUnsubscription = ({ instruction }: Subscription): boolean =>
  instruction === 'unsubscribe' || instruction === 'unsubscribe_and_respond';
