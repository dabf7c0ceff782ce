import type { Change } from '../../processor/change.ts';
import type { NodeContext } from '../../processor/node-context.ts';
import type { Node } from '../../processor/node.ts';
import type { StreamRecord } from '../../processor/record.ts';
import type { Subscription, SubscriptionInstruction } from '../../serdes/subscription.ts';
import { pseudoTopic, type ForeignKeyJoin } from './foreign-key-join.ts';
import { valueHash } from './value-hash.ts';

interface SubscriptionSend<K, V, KForeign> extends ForeignKeyJoin<K, V, KForeign, unknown> {
  readonly foreignKeyOf: (value: V, key: K) => KForeign | null;
}

/** Subscriptions that follow from one update of the left table, and the foreign keys that they go to. */
type Sent<KForeign> = readonly (readonly [KForeign | null, SubscriptionInstruction])[];

/** Tells the partitions of the old and the new foreign key about each update of the left table. */
export class SubscriptionSendNode<K, V, KForeign> implements Node<K, Change<V>> {
  readonly #join: SubscriptionSend<K, V, KForeign>;
  readonly #context: NodeContext<KForeign | null, Subscription>;

  constructor(join: SubscriptionSend<K, V, KForeign>, context: NodeContext<KForeign | null, Subscription>) {
    this.#join = join;
    this.#context = context;
  }

  process({ key, value: { oldValue, newValue }, timestampMs, headers }: StreamRecord<K, Change<V>>): void {
    const oldForeignKey = this.#foreignKey(oldValue, key);
    const newForeignKey = this.#foreignKey(newValue, key);
    const sent = this.#join.isLeft
      ? this.#sentByLeftJoin(oldValue === null && newValue === null, oldForeignKey, newForeignKey)
      : this.#sentByInnerJoin(newValue !== null, oldForeignKey, newForeignKey);
    if (sent.length === 0) return;
    const hash = valueHash(
      this.#join.valueSerde,
      newValue,
      pseudoTopic(this.#join, this.#context, 'value_hash'),
    );
    const primaryKey = this.#encodedKey(key);
    const primaryPartition = this.#context.recordMetadata?.partition ?? this.#context.taskId.partition;
    for (const [foreignKey, instruction] of sent) {
      const subscription = { hash, instruction, primaryKey, primaryPartition };
      this.#context.forward({ key: foreignKey, value: subscription, timestampMs, headers });
    }
  }

  /** A response is needed for every update, since a left row has a result of its own. */
  #sentByLeftJoin(
    isWithoutEffect: boolean,
    oldForeignKey: KForeign | null,
    newForeignKey: KForeign | null,
  ): Sent<KForeign> {
    if (isWithoutEffect) return [];
    const sent = [[newForeignKey, 'respond']] as const;
    if (oldForeignKey === null || this.#isSame(oldForeignKey, newForeignKey)) return sent;
    return [[oldForeignKey, 'unsubscribe'], ...sent];
  }

  #sentByInnerJoin(
    hasNewValue: boolean,
    oldForeignKey: KForeign | null,
    newForeignKey: KForeign | null,
  ): Sent<KForeign> {
    if (newForeignKey === null) {
      if (hasNewValue) this.#context.drop('null_key');
      return oldForeignKey === null ? [] : [[oldForeignKey, 'unsubscribe_and_respond']];
    }
    if (oldForeignKey === null || this.#isSame(oldForeignKey, newForeignKey)) {
      return [[newForeignKey, 'respond_if_found']];
    }
    return [
      [oldForeignKey, 'unsubscribe'],
      [newForeignKey, 'respond'],
    ];
  }

  #foreignKey(value: V | null, key: K): KForeign | null {
    return value === null ? null : this.#join.foreignKeyOf(value, key);
  }

  #isSame(one: KForeign, other: KForeign | null): boolean {
    if (other === null) return false;
    const topic = pseudoTopic(this.#join, this.#context, 'foreign_key');
    const encoded = (key: KForeign) => this.#join.foreignKeySerde.encode(key, topic) ?? new Uint8Array(0);
    return Buffer.compare(encoded(one), encoded(other)) === 0;
  }

  #encodedKey(key: K): Uint8Array {
    const topic = pseudoTopic(this.#join, this.#context, 'primary_key');
    return this.#join.keySerde.encode(key, topic) ?? new Uint8Array(0);
  }
}
