import type { Node, NodeContext } from '../processor/node.ts';
import type { ProcessorContext } from '../processor/processor.ts';
import type { StreamRecord, Change, ValueAndTimestamp } from '../processor/record.ts';
import { murmur3 } from '../serdes/murmur3.ts';
import type { Serde } from '../serdes/serde.ts';
import {
  type Subscription,
  type SubscriptionInstruction,
  type SubscriptionResponse,
  combinedKey,
  combinedKeyPrefix,
  primaryKeyOf,
} from '../serdes/foreign-key-serdes.ts';
import type { KeyValueStore } from '../state/stores.ts';
import type { ReadableTable } from './table-view.ts';

/** The parts that the nodes of one foreign-key join share. */
export interface ForeignKeyJoin<K, V, KForeign, VForeign> {
  /** The name without the prefix of the application id. */
  readonly subscriptionTopic: string;
  readonly subscriptionStoreName: string;
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  readonly foreignKeySerde: Serde<KForeign>;
  readonly foreignValueSerde: Serde<VForeign>;
  readonly isLeft: boolean;
}

/** The parts of a subscription that are encoded separately. */
type EncodedPart = 'primary_key' | 'foreign_key' | 'value_hash';

const suffixes: Readonly<Record<EncodedPart, string>> = {
  primary_key: 'pk',
  foreign_key: 'fk',
  value_hash: 'vh',
};

/**
 * The topic name that serdes see. There is no such topic, but a schema registry has subjects of
 * that name.
 */
const pseudoTopic = (
  { subscriptionTopic }: Pick<ForeignKeyJoin<unknown, unknown, unknown, unknown>, 'subscriptionTopic'>,
  context: Pick<ProcessorContext, 'applicationId'>,
  part: EncodedPart,
): string => `${context.applicationId}-${subscriptionTopic}-${suffixes[part]}`;

/**
 * Hashes a value of the left table, so that a response to an older value is recognized. No value
 * has the hash null.
 */
export function valueHash<V>(serde: Serde<V>, value: V | null, topic: string): Uint8Array | null {
  const bytes = value === null ? null : serde.encode(value, topic);
  return bytes === null ? null : murmur3(bytes);
}

function isSameHash(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : Buffer.compare(one, other) === 0;
}

interface SubscriptionSend<K, V, KForeign> extends ForeignKeyJoin<K, V, KForeign, unknown> {
  readonly foreignKeyOf: (value: V, key: K) => KForeign | null;
}

/** The subscriptions that one update of the left table causes, each with its foreign key. */
type Sent<KForeign> = readonly (readonly [KForeign | null, SubscriptionInstruction])[];

/** Sends each update of the left table to the partitions of its old and its new foreign key. */
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

  /** Asks for a response to every update, since every left row has a result. */
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

type SubscriptionStore = KeyValueStore<Uint8Array, ValueAndTimestamp<Subscription>>;

/** Stores the subscriptions of the foreign keys of this partition. */
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

interface ResponseJoin<K, V, VForeign, VOut> extends Pick<
  ForeignKeyJoin<K, V, unknown, unknown>,
  'subscriptionTopic' | 'valueSerde' | 'isLeft'
> {
  readonly table: ReadableTable<K, V>;
  readonly joiner: (value: V, foreignValue: VForeign | null) => VOut | null;
}

/** Turns responses into results. A response to an older value of the left table is dropped. */
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
