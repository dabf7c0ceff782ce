import type { ProcessorContext } from '../../processor/processor.ts';
import type { Serde } from '../../serdes/serde.ts';

/** The parts that the nodes of one foreign-key join share. */
export interface ForeignKeyJoin<K, V, KForeign, VForeign> {
  /** Without the prefix of the application id. */
  readonly subscriptionTopic: string;
  readonly subscriptionStoreName: string;
  readonly keySerde: Serde<K>;
  readonly valueSerde: Serde<V>;
  readonly foreignKeySerde: Serde<KForeign>;
  readonly foreignValueSerde: Serde<VForeign>;
  readonly isLeft: boolean;
}

/** The parts of a subscription that are encoded on their own. */
type EncodedPart = 'primary_key' | 'foreign_key' | 'value_hash';

const suffixes: Readonly<Record<EncodedPart, string>> = {
  primary_key: 'pk',
  foreign_key: 'fk',
  value_hash: 'vh',
};

/** The topic that the serdes are told. It does not exist, but a schema registry has subjects of its name. */
export const pseudoTopic = (
  { subscriptionTopic }: Pick<ForeignKeyJoin<unknown, unknown, unknown, unknown>, 'subscriptionTopic'>,
  context: Pick<ProcessorContext, 'applicationId'>,
  part: EncodedPart,
): string => `${context.applicationId}-${subscriptionTopic}-${suffixes[part]}`;
