import { ProtocolError } from '../../protocol/errors.ts';
import type { BrokerConfigs, BrokerConfigEntry } from './broker-configs.ts';
import {
  flag,
  int,
  itemsOf,
  listOf,
  long,
  normalValue,
  oneOf,
  ratio,
  without,
  type ConfigKind,
  type ConfigChange,
  configSources,
  type ConfigSynonym,
  type DescribedConfig,
} from './config-kinds.ts';
import { isInternalConfig } from './broker-config-definitions.ts';
import { serialQueue } from '../../runtime/serial-queue.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { checkTopicName } from '../../log/topics/topic-catalog.ts';

/** The replicas that a reassignment throttles: `partition:broker`, or `*` for all. */
const replicaList: ConfigKind = {
  type: 'list',
  byDefault: '',
  isValid: (value) => value === '*' || itemsOf(value).every((item) => /^\d+:\d+$/.test(item)),
  expected: 'partition:broker pairs separated by commas, or *',
};

/**
 * Kafka's topic configs with its defaults. Configs without an effect in this broker are stored,
 * too.
 */
const topicConfigs: Readonly<Record<string, ConfigKind>> = {
  'cleanup.policy': listOf('delete', 'delete', 'compact'),
  'compression.gzip.level': int('-1', -1n, 9n),
  'compression.lz4.level': int('9', 1n, 17n),
  'compression.zstd.level': int('3', -131_072n, 22n),
  'compression.type': oneOf('producer', 'producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'),
  'delete.retention.ms': long('86400000', 0n),
  'file.delete.delay.ms': long('60000', 0n),
  'flush.messages': long('9223372036854775807', 1n),
  'flush.ms': long('9223372036854775807', 0n),
  'follower.replication.throttled.replicas': replicaList,
  'index.interval.bytes': int('4096', 0n),
  'leader.replication.throttled.replicas': replicaList,
  'local.retention.bytes': long('-2', -2n, -2n),
  'local.retention.ms': long('-2', -2n, -2n),
  'max.compaction.lag.ms': long('9223372036854775807', 1n),
  'max.message.bytes': int('1048588', 0n),
  'message.timestamp.after.max.ms': long('3600000', 0n),
  'message.timestamp.before.max.ms': long('9223372036854775807', 0n),
  'message.timestamp.type': oneOf('CreateTime', 'CreateTime', 'LogAppendTime'),
  'min.cleanable.dirty.ratio': ratio('0.5'),
  'min.compaction.lag.ms': long('0', 0n),
  'min.insync.replicas': int('1', 1n),
  preallocate: flag('false'),
  'remote.log.copy.disable': flag('false'),
  'remote.log.delete.on.disable': flag('false'),
  'remote.storage.enable': flag('false', 'false'),
  'retention.bytes': long('-1', -1n),
  'retention.ms': long('604800000', -1n),
  'internal.segment.bytes': without(int('', 14n)),
  'segment.bytes': int('1073741824', 1_048_576n),
  'segment.index.bytes': int('10485760', 4n),
  'segment.jitter.ms': long('0', 0n),
  'segment.ms': long('604800000', 1n),
  'unclean.leader.election.enable': flag('false'),
};

type GivenConfig = { readonly name: string; readonly value: string | null };

/**
 * Returns the values in normal form. Throws INVALID_CONFIG for an unknown config or an invalid
 * value.
 */
export function validTopicConfigs(given: readonly GivenConfig[]): ReadonlyMap<string, string> {
  const configs = new Map<string, string>();
  for (const { name, value } of given) {
    const known = topicConfigKind(name);
    if (known === undefined)
      throw new ProtocolError('INVALID_CONFIG', `${name} is not a topic config: check its spelling`);
    const normal = value === null ? undefined : normalValue(known, value);
    if (normal === undefined || !known.isValid(normal))
      throw new ProtocolError(
        'INVALID_CONFIG',
        `${name}=${String(value)} is invalid: give ${known.expected}`,
      );
    configs.set(name, normal);
  }
  return configs;
}

/** Returns undefined for an unknown config. */
const topicConfigKind = (name: string): ConfigKind | undefined =>
  Object.hasOwn(topicConfigs, name) ? topicConfigs[name] : undefined;

/**
 * Returns every config of a topic with its current value: the topic's own, else the broker's, else
 * the default. The others are its synonyms.
 */
export function effectiveTopicConfigs(
  set: ReadonlyMap<string, string>,
  broker: BrokerConfigs,
): DescribedConfig[] {
  return Object.entries(topicConfigs).flatMap(([name, { type, byDefault }]) => {
    const synonyms = [...ownValue(name, set), ...brokerValues(name, broker)];
    if (isInternalConfig(name) && synonyms.length === 0) return [];
    const value = set.get(name) ?? broker.topicDefaults.get(name) ?? byDefault;
    return {
      name,
      value,
      source: synonyms[0]?.source ?? configSources.byDefault,
      readOnly: false,
      type,
      synonyms,
    };
  });
}

function ownValue(name: string, set: ReadonlyMap<string, string>): ConfigSynonym[] {
  const value = set.get(name);
  return value === undefined ? [] : [{ name, value, source: configSources.topic }];
}

/**
 * Returns the broker's value for a topic config. Like Kafka's, it has the name of the finest unit,
 * and it is listed only if that name was set.
 */
const brokerValues = (name: string, { entries }: BrokerConfigs): readonly ConfigSynonym[] =>
  entries.findLast(({ topicConfig }) => topicConfig === name)?.synonyms ?? [];

/** The broker's values for topics that do not set their own. They may change. */
interface BrokerDefaults {
  readonly current: { readonly topicDefaults: ReadonlyMap<string, string> };
}

/**
 * Changes topic configs one at a time, so that each change begins with the result of the previous
 * one.
 */
export class TopicConfigChanges {
  readonly #logs: LogManager;
  readonly #brokerConfigs: BrokerDefaults;
  readonly #oneByOne = serialQueue();

  constructor({ logs, configs }: { readonly logs: LogManager; readonly configs: BrokerDefaults }) {
    this.#logs = logs;
    this.#brokerConfigs = configs;
  }

  /**
   * The change is durable and in force when this resolves. Throws INVALID_CONFIG,
   * INVALID_TOPIC_EXCEPTION, UNKNOWN_TOPIC_OR_PARTITION or INVALID_REQUEST.
   */
  apply(
    name: string,
    change: ConfigChange,
    { validateOnly }: { readonly validateOnly: boolean },
  ): Promise<void> {
    return this.#oneByOne(() => this.#apply(name, change, validateOnly));
  }

  /** Checks in the order of Apache Kafka: whether the topic exists comes last. */
  async #apply(name: string, change: ConfigChange, validateOnly: boolean): Promise<void> {
    const topic = this.#logs.topic(name);
    const defaults = this.#brokerConfigs.current.topicDefaults;
    const wanted = change({
      configs: topic?.configs ?? new Map(),
      kindOf: topicConfigKind,
      defaultOf: (key) => defaults.get(key) ?? topicConfigKind(key)?.byDefault ?? '',
    });
    if (name === '')
      throw new ProtocolError(
        'INVALID_REQUEST',
        'defaults for all topics are configs of the broker: set them there',
      );
    checkTopicName(name);
    const changed = [...wanted].filter(([key, value]) => topic?.configs.get(key) !== value);
    // An earlier release may have accepted values that are invalid now.
    const valid = validTopicConfigs(changed.map(([key, value]) => ({ name: key, value })));
    if (topic === undefined)
      throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
    if (!validateOnly) await this.#logs.alterTopicConfigs(name, new Map([...wanted, ...valid]));
  }
}

const topicConfigSentences: Readonly<Record<string, string>> = {
  'cleanup.policy':
    'The cleanup of old log segments: ' +
    'delete drops them by age and size, compact keeps the newest record of each key, an empty list keeps everything.',
  'compression.gzip.level': 'Kept for tools: the broker compresses with the default level of the codec.',
  'compression.lz4.level': 'Kept for tools: the broker compresses with the default level of the codec.',
  'compression.zstd.level': 'Kept for tools: the broker compresses with the default level of the codec.',
  'compression.type':
    'The codec in which batches are stored. With producer they stay as they were sent; ' +
    'any other codec recompresses batches of another one.',
  'delete.retention.ms': 'How long a tombstone stays readable in a compacted log, in milliseconds.',
  'file.delete.delay.ms': 'Kept for tools: files of deleted segments are removed at once.',
  'flush.messages': "Kept for tools: the broker's flush policy decides when records are flushed to disk.",
  'flush.ms': "Kept for tools: the broker's flush policy decides when records are flushed to disk.",
  'follower.replication.throttled.replicas': 'Kept for tools: a single node has no followers.',
  'index.interval.bytes': 'Bytes of records between entries of the offset index.',
  'leader.replication.throttled.replicas': 'Kept for tools: a single node has no followers.',
  'local.retention.bytes': 'Kept for tools: there is no tiered storage.',
  'local.retention.ms': 'Kept for tools: there is no tiered storage.',
  'max.compaction.lag.ms':
    'The maximum time that a record of a compacted log stays uncompacted, in milliseconds.',
  'max.message.bytes': 'The maximum size of a record batch, in bytes.',
  'message.timestamp.after.max.ms':
    "How far a record's timestamp may be after the broker's time, in milliseconds.",
  'message.timestamp.before.max.ms':
    "How far a record's timestamp may be before the broker's time, in milliseconds.",
  'message.timestamp.type':
    "The source of a record's timestamp: its producer (CreateTime) or the broker (LogAppendTime).",
  'min.cleanable.dirty.ratio': 'The uncompacted part of a log at which it is compacted again, from 0 to 1.',
  'min.compaction.lag.ms': 'The minimum time that a record stays uncompacted, in milliseconds.',
  'min.insync.replicas':
    'The in-sync replicas that acks=all requires. A single node has one, so a higher value rejects every such write.',
  preallocate: 'Kept for tools: segments grow as they are written.',
  'remote.log.copy.disable': 'Kept for tools: there is no tiered storage.',
  'remote.log.delete.on.disable': 'Kept for tools: there is no tiered storage.',
  'remote.storage.enable': 'Kept for tools: there is no tiered storage.',
  'retention.bytes':
    'The size of a partition beyond which old segments are deleted, in bytes; -1 for no limit.',
  'retention.ms': 'The age beyond which segments are deleted, in milliseconds; -1 for never.',
  'internal.segment.bytes':
    'The size of a segment file in bytes, for tests: it may be small, and overrides segment.bytes.',
  'segment.bytes': 'The size of a segment file, in bytes.',
  'segment.index.bytes': 'The size of an index file at which a new segment begins, in bytes.',
  'segment.jitter.ms': 'The maximum random reduction of segment.ms, in milliseconds.',
  'segment.ms': 'The age at which a segment is closed even if it is not full, in milliseconds.',
  'unclean.leader.election.enable': 'Kept for tools: a single node has no leader elections.',
};

/** Returns one sentence about a topic config. */
export const topicConfigDocumentation = (name: string): string => topicConfigSentences[name] ?? '';

/** Returns one sentence about a broker config. */
export const brokerConfigDocumentation = ({
  topicConfig,
  readOnly,
}: Pick<BrokerConfigEntry, 'topicConfig' | 'readOnly'>): string =>
  topicConfig === undefined
    ? `A broker config that ${readOnly ? 'is read at the start' : 'takes effect at once'}.`
    : `The default of the topic config ${topicConfig}. ${topicConfigDocumentation(topicConfig)}`;
