import type { GroupSettings } from '../groups/settings.ts';
import type { LogManagerOptions } from '../log/log-manager-options.ts';
import type { TransactionSettings } from '../transactions/settings.ts';
import { BrokerError } from './broker-error.ts';
import { flag, int, listOf, long, oneOf, ratio, type ConfigKind } from './config-kinds.ts';
import type { BrokerLimits } from './limits.ts';
import { unservedConfigs } from './unserved-configs.ts';

type Numeric<T> = { readonly [K in keyof T as T[K] extends number ? K : never]: T[K] };

type LogIntervals = Required<Pick<LogManagerOptions, 'cleanerBackoffMs' | 'cleanerDedupeBufferBytes' | 'retentionCheckIntervalMs'>>;

/** Where a broker config has its effect. A factor turns Kafka's unit into ours. */
type Target =
  | { readonly topic: string; readonly factor?: bigint }
  | { readonly limit: keyof Numeric<BrokerLimits> }
  | { readonly log: keyof LogIntervals }
  | { readonly group: keyof Numeric<GroupSettings>; readonly factor?: bigint }
  | { readonly transaction: keyof Numeric<TransactionSettings> }
  | { readonly broker: 'autoCreateTopics' | 'defaultPartitions' | 'replicas' };

const [minutes, hours] = [60_000n, 3_600_000n];

/**
 * Kafka's broker configs that have an effect here, by Kafka's names, with our defaults. Where two say the same in other units, the finer one
 * stands later and wins.
 */
const definitions: Readonly<Record<string, readonly [ConfigKind, Target]>> = {
  'auto.create.topics.enable': [flag('false'), { broker: 'autoCreateTopics' }],
  'num.partitions': [int('1', 1n), { broker: 'defaultPartitions' }],
  'default.replication.factor': [int('1', 1n, 1n), { broker: 'replicas' }],
  'compression.type': [oneOf('producer', 'producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'), { topic: 'compression.type' }],
  'log.cleanup.policy': [listOf('delete', 'delete', 'compact'), { topic: 'cleanup.policy' }],
  'log.cleaner.delete.retention.ms': [long('86400000', 0n), { topic: 'delete.retention.ms' }],
  'log.cleaner.max.compaction.lag.ms': [long('9223372036854775807', 1n), { topic: 'max.compaction.lag.ms' }],
  'log.cleaner.min.cleanable.ratio': [ratio('0.5'), { topic: 'min.cleanable.dirty.ratio' }],
  'log.cleaner.min.compaction.lag.ms': [long('0', 0n), { topic: 'min.compaction.lag.ms' }],
  'log.index.interval.bytes': [int('4096', 0n), { topic: 'index.interval.bytes' }],
  'log.index.size.max.bytes': [int('10485760', 4n), { topic: 'segment.index.bytes' }],
  'log.message.timestamp.after.max.ms': [long('3600000', 0n), { topic: 'message.timestamp.after.max.ms' }],
  'log.message.timestamp.before.max.ms': [long('9223372036854775807', 0n), { topic: 'message.timestamp.before.max.ms' }],
  'log.message.timestamp.type': [oneOf('CreateTime', 'CreateTime', 'LogAppendTime'), { topic: 'message.timestamp.type' }],
  'log.retention.bytes': [long('-1', -1n), { topic: 'retention.bytes' }],
  'log.retention.hours': [int('168', -1n), { topic: 'retention.ms', factor: hours }],
  'log.retention.minutes': [int('10080', -1n), { topic: 'retention.ms', factor: minutes }],
  'log.retention.ms': [long('604800000', -1n), { topic: 'retention.ms' }],
  'log.roll.hours': [int('168', 1n), { topic: 'segment.ms', factor: hours }],
  'log.roll.ms': [long('604800000', 1n), { topic: 'segment.ms' }],
  'log.roll.jitter.hours': [int('0', 0n), { topic: 'segment.jitter.ms', factor: hours }],
  'log.roll.jitter.ms': [long('0', 0n), { topic: 'segment.jitter.ms' }],
  'log.segment.bytes': [int('1073741824', 14n), { topic: 'segment.bytes' }],
  'log.segment.delete.delay.ms': [long('60000', 0n), { topic: 'file.delete.delay.ms' }],
  'message.max.bytes': [int('1048588', 0n), { topic: 'max.message.bytes' }],
  'log.cleaner.backoff.ms': [long('15000', 0n, 2_147_483_647n), { log: 'cleanerBackoffMs' }],
  'log.cleaner.dedupe.buffer.size': [long('33554432', 1_024n, 1_073_741_824n), { log: 'cleanerDedupeBufferBytes' }],
  'log.retention.check.interval.ms': [long('300000', 1n, 2_147_483_647n), { log: 'retentionCheckIntervalMs' }],
  'min.insync.replicas': [int('1', 1n), { topic: 'min.insync.replicas' }],
  'connections.max.idle.ms': [long('600000', 1n, 2_147_483_647n), { limit: 'idleMsMax' }],
  'fetch.max.bytes': [int('57671680', 1_024n), { limit: 'fetchBytesMax' }],
  'max.connections': [int('1000', 1n), { limit: 'connectionsMax' }],
  'max.connections.per.ip': [int('2147483647', 1n), { limit: 'connectionsPerAddressMax' }],
  'max.incremental.fetch.session.cache.slots': [int('1000', 0n), { limit: 'fetchSessionsMax' }],
  'queued.max.request.bytes': [long('536870912', 1_048_576n, 17_179_869_184n), { limit: 'receivedBytesMax' }],
  'socket.request.max.bytes': [int('104857600', 1n), { limit: 'frameBytesMax' }],
  'group.initial.rebalance.delay.ms': [int('0', 0n), { group: 'initialRebalanceDelayMs' }],
  'group.max.session.timeout.ms': [int('1800000', 1n), { group: 'sessionTimeoutMsMax' }],
  'group.max.size': [int('1000', 1n), { group: 'groupMembersMax' }],
  'group.min.session.timeout.ms': [int('6000', 1n), { group: 'sessionTimeoutMsMin' }],
  'offset.metadata.max.bytes': [int('4096', 0n), { group: 'offsetMetadataBytesMax' }],
  'offsets.retention.check.interval.ms': [long('600000', 1n, 2_147_483_647n), { group: 'retentionCheckIntervalMs' }],
  'offsets.retention.minutes': [int('10080', 1n), { group: 'offsetsRetentionMs', factor: minutes }],
  'offsets.topic.num.partitions': [int('50', 1n), { group: 'offsetsTopicPartitions' }],
  'offsets.topic.segment.bytes': [int('104857600', 14n), { group: 'offsetsTopicSegmentBytes' }],
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': [int('10000', 1n), { transaction: 'timeoutCheckIntervalMs' }],
  'transaction.max.timeout.ms': [int('900000', 1n), { transaction: 'timeoutMsMax' }],
  'transaction.remove.expired.transaction.cleanup.interval.ms': [int('3600000', 1n), { transaction: 'expirationCheckIntervalMs' }],
  'transaction.state.log.num.partitions': [int('50', 1n), { transaction: 'stateTopicPartitions' }],
  'transaction.state.log.segment.bytes': [int('104857600', 1_048_576n), { transaction: 'stateTopicSegmentBytes' }],
  'transactional.id.expiration.ms': [int('604800000', 1n), { transaction: 'idExpirationMs' }],
};

/** A config with the value in force. */
export interface BrokerConfigEntry extends Pick<ConfigKind, 'type' | 'byDefault'> {
  readonly name: string;
  readonly value: string;
  readonly isSet: boolean;
  /** The topic config that it is the default of. */
  readonly topicConfig: string | undefined;
}

/** What a broker was told by Kafka's own property names, each in the part that acts on it. */
export interface BrokerConfigs {
  readonly entries: readonly BrokerConfigEntry[];
  /** Names that Kafka knows and that mean nothing to one embedded node. */
  readonly withoutEffect: readonly string[];
  /** By topic config; only what was set. */
  readonly topicDefaults: ReadonlyMap<string, string>;
  readonly limits: Partial<BrokerLimits>;
  readonly logs: Partial<LogIntervals>;
  readonly groups: Partial<GroupSettings>;
  readonly transactions: Partial<TransactionSettings>;
  readonly autoCreateTopics?: boolean;
  readonly defaultPartitions?: number;
}

/** Reads properties by Kafka's names. Throws CONFIG_INVALID with every name that is unknown, not served, or has an impossible value. */
export function readBrokerConfigs(properties: Readonly<Record<string, string>>): BrokerConfigs {
  const problems = Object.entries(properties).flatMap(([name, value]) => problemOf(name, value) ?? []);
  if (problems.length > 0) throw new BrokerError('CONFIG_INVALID', problems.join('; '));
  const given = (name: string) => (Object.hasOwn(properties, name) ? properties[name]!.trim() : undefined);
  const set = Object.entries(definitions).flatMap(([name, [, target]]) => {
    const value = given(name);
    return value === undefined ? [] : [{ value, target }];
  });
  return {
    entries: Object.entries(definitions).map(([name, [{ type, byDefault }, target]]) => ({
      ...{ name, type, byDefault, value: given(name) ?? byDefault, isSet: given(name) !== undefined },
      topicConfig: 'topic' in target ? target.topic : undefined,
    })),
    withoutEffect: Object.keys(properties).filter((name) => unservedConfigs.withoutEffect.has(name)),
    topicDefaults: new Map(set.flatMap(({ value, target }) => ('topic' in target ? [[target.topic, inOurUnit(value, target)]] : []))),
    limits: Object.fromEntries(set.flatMap(({ value, target }) => ('limit' in target ? [[target.limit, Number(value)]] : []))),
    logs: Object.fromEntries(set.flatMap(({ value, target }) => ('log' in target ? [[target.log, Number(value)]] : []))),
    groups: Object.fromEntries(
      set.flatMap(({ value, target }) => ('group' in target ? [[target.group, Number(inOurUnit(value, target))]] : [])),
    ),
    transactions: Object.fromEntries(
      set.flatMap(({ value, target }) => ('transaction' in target ? [[target.transaction, Number(value)]] : [])),
    ),
    ...(given('auto.create.topics.enable') !== undefined && { autoCreateTopics: given('auto.create.topics.enable') === 'true' }),
    ...(given('num.partitions') !== undefined && { defaultPartitions: Number(given('num.partitions')) }),
  };
}

function problemOf(name: string, value: string): string | undefined {
  const kind = Object.hasOwn(definitions, name) ? definitions[name]![0] : undefined;
  if (kind !== undefined) return kind.isValid(value.trim()) ? undefined : `${name}=${value} is not possible: give ${kind.expected}`;
  if (unservedConfigs.withoutEffect.has(name)) return undefined;
  const reason = unservedConfigs.reasonAgainst(name);
  return reason === undefined ? `${name} is no broker config: look for a typing error` : `${name}: ${reason}`;
}

/** -1, for ever, has no unit. */
const inOurUnit = (value: string, { factor = 1n }: { readonly factor?: bigint }): string =>
  value.startsWith('-') ? value : String(BigInt(value) * factor);
