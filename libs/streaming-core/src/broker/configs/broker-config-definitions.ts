import type { GroupSettings } from '../../coordinators/groups/group-settings.ts';
import type { LogManagerOptions } from '../../log/log-settings.ts';
import type { TransactionSettings } from '../../coordinators/transactions/transaction.ts';
import { flag, int, listOf, long, oneOf, only, ratio, without, type ConfigKind } from './config-kinds.ts';
import { partitionsLimitMax, type BrokerLimits } from '../limits.ts';

type Numeric<T> = { readonly [K in keyof T as T[K] extends number ? K : never]: T[K] };

export type LogNumbers = Required<
  Pick<
    LogManagerOptions,
    | 'cleanerBackoffMs'
    | 'cleanerDedupeBufferBytes'
    | 'producerIdExpirationCheckIntervalMs'
    | 'producerIdExpirationMs'
    | 'retentionCheckIntervalMs'
  >
>;

/**
 * The setting in which a broker config takes effect. A factor converts Kafka's unit into ours. A
 * config that is only kept for tools has no factor.
 */
export type Target =
  | { readonly topic: string; readonly factor?: bigint; readonly kept?: true }
  | { readonly limit: keyof Numeric<BrokerLimits> }
  | { readonly log: keyof LogNumbers }
  | { readonly group: keyof Numeric<GroupSettings>; readonly factor?: bigint }
  | { readonly transaction: keyof Numeric<TransactionSettings> }
  | {
      readonly broker:
        'autoCreateTopics' | 'cleanerEnabled' | 'defaultPartitions' | 'deleteTopics' | 'nodeId' | 'replicas';
    };

const partitionsMax = BigInt(partitionsLimitMax);

const minutes = 60_000n;
const hours = 3_600_000n;

/**
 * Kafka's broker configs that have an effect here, with our defaults. Where several configs mean
 * the same in different units, the finest unit comes last and takes precedence, and only the
 * coarsest has a default.
 */
export const brokerConfigDefinitions: Readonly<Record<string, readonly [ConfigKind, Target]>> = {
  'auto.create.topics.enable': [flag('false'), { broker: 'autoCreateTopics' }],
  'num.partitions': [int('1', 1n, partitionsMax), { broker: 'defaultPartitions' }],
  'default.replication.factor': [
    only(int('1', 1n, 1n), '1: this is a single node; for replicas run Apache Kafka'),
    { broker: 'replicas' },
  ],
  'delete.topic.enable': [flag('true'), { broker: 'deleteTopics' }],
  'compression.gzip.level': [int('-1', -1n, 9n), { topic: 'compression.gzip.level', kept: true }],
  'compression.lz4.level': [int('9', 1n, 17n), { topic: 'compression.lz4.level', kept: true }],
  'compression.zstd.level': [int('3', -131_072n, 22n), { topic: 'compression.zstd.level', kept: true }],
  'compression.type': [
    oneOf('producer', 'producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'),
    { topic: 'compression.type' },
  ],
  'log.cleanup.policy': [listOf('delete', 'delete', 'compact'), { topic: 'cleanup.policy' }],
  'log.cleaner.delete.retention.ms': [long('86400000', 0n), { topic: 'delete.retention.ms' }],
  'log.cleaner.max.compaction.lag.ms': [long('9223372036854775807', 1n), { topic: 'max.compaction.lag.ms' }],
  'log.cleaner.min.cleanable.ratio': [ratio('0.5'), { topic: 'min.cleanable.dirty.ratio' }],
  'log.cleaner.min.compaction.lag.ms': [long('0', 0n), { topic: 'min.compaction.lag.ms' }],
  'log.flush.interval.messages': [long('9223372036854775807', 1n), { topic: 'flush.messages', kept: true }],
  'log.flush.interval.ms': [without(long('', 0n)), { topic: 'flush.ms', kept: true }],
  'log.index.interval.bytes': [int('4096', 0n), { topic: 'index.interval.bytes' }],
  'log.index.size.max.bytes': [int('10485760', 4n), { topic: 'segment.index.bytes' }],
  'log.message.timestamp.after.max.ms': [long('3600000', 0n), { topic: 'message.timestamp.after.max.ms' }],
  'log.message.timestamp.before.max.ms': [
    long('9223372036854775807', 0n),
    { topic: 'message.timestamp.before.max.ms' },
  ],
  'log.message.timestamp.type': [
    oneOf('CreateTime', 'CreateTime', 'LogAppendTime'),
    { topic: 'message.timestamp.type' },
  ],
  'log.local.retention.bytes': [long('-2', -2n, -2n), { topic: 'local.retention.bytes', kept: true }],
  'log.local.retention.ms': [long('-2', -2n, -2n), { topic: 'local.retention.ms', kept: true }],
  'log.preallocate': [flag('false'), { topic: 'preallocate', kept: true }],
  'log.retention.bytes': [long('-1', -1n), { topic: 'retention.bytes' }],
  'log.retention.hours': [int('168', -1n), { topic: 'retention.ms', factor: hours }],
  'log.retention.minutes': [without(int('', -1n)), { topic: 'retention.ms', factor: minutes }],
  'log.retention.ms': [without(long('', -1n)), { topic: 'retention.ms' }],
  'log.roll.hours': [int('168', 1n), { topic: 'segment.ms', factor: hours }],
  'log.roll.ms': [without(long('', 1n)), { topic: 'segment.ms' }],
  'log.roll.jitter.hours': [int('0', 0n), { topic: 'segment.jitter.ms', factor: hours }],
  'log.roll.jitter.ms': [without(long('', 0n)), { topic: 'segment.jitter.ms' }],
  'log.segment.bytes': [int('1073741824', 1_048_576n), { topic: 'segment.bytes' }],
  'internal.segment.bytes': [without(int('', 14n)), { topic: 'internal.segment.bytes' }],
  'log.segment.delete.delay.ms': [long('60000', 0n), { topic: 'file.delete.delay.ms', kept: true }],
  'message.max.bytes': [int('1048588', 0n), { topic: 'max.message.bytes' }],
  'log.cleaner.enable': [flag('true'), { broker: 'cleanerEnabled' }],
  'log.cleaner.backoff.ms': [long('15000', 0n, 2_147_483_647n), { log: 'cleanerBackoffMs' }],
  'log.cleaner.dedupe.buffer.size': [
    long('33554432', 1_024n, 1_073_741_824n),
    { log: 'cleanerDedupeBufferBytes' },
  ],
  'log.retention.check.interval.ms': [
    long('300000', 1n, 2_147_483_647n),
    { log: 'retentionCheckIntervalMs' },
  ],
  'producer.id.expiration.ms': [int('86400000', 1n), { log: 'producerIdExpirationMs' }],
  'producer.id.expiration.check.interval.ms': [
    int('600000', 1n),
    { log: 'producerIdExpirationCheckIntervalMs' },
  ],
  'unclean.leader.election.enable': [flag('false'), { topic: 'unclean.leader.election.enable', kept: true }],
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
  'offset.metadata.max.bytes': [int('4096', 0n), { group: 'offsetMetadataCharsMax' }],
  'offsets.retention.check.interval.ms': [
    long('600000', 1n, 2_147_483_647n),
    { group: 'retentionCheckIntervalMs' },
  ],
  'offsets.retention.minutes': [int('10080', 1n), { group: 'offsetsRetentionMs', factor: minutes }],
  'offsets.topic.num.partitions': [int('50', 1n, partitionsMax), { group: 'offsetsTopicPartitions' }],
  'offsets.topic.segment.bytes': [int('104857600', 14n), { group: 'offsetsTopicSegmentBytes' }],
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': [
    int('10000', 1n),
    { transaction: 'timeoutCheckIntervalMs' },
  ],
  'transaction.max.timeout.ms': [int('900000', 1n), { transaction: 'timeoutMsMax' }],
  'transaction.remove.expired.transaction.cleanup.interval.ms': [
    int('3600000', 1n),
    { transaction: 'expirationCheckIntervalMs' },
  ],
  'transaction.state.log.num.partitions': [
    int('50', 1n, partitionsMax),
    { transaction: 'stateTopicPartitions' },
  ],
  'transaction.state.log.segment.bytes': [
    int('104857600', 1_048_576n),
    { transaction: 'stateTopicSegmentBytes' },
  ],
  'transactional.id.expiration.ms': [int('604800000', 1n), { transaction: 'idExpirationMs' }],
  'broker.id': [int('1', 0n), { broker: 'nodeId' }],
  'node.id': [int('1', 0n), { broker: 'nodeId' }],
};

/**
 * The configs among them that Apache Kafka 4.3.1 can change while it runs. DescribeConfigs reports
 * the others as read-only.
 */
const dynamic = `
  compression.gzip.level
  compression.lz4.level
  compression.type
  compression.zstd.level
  log.cleaner.backoff.ms
  log.cleaner.dedupe.buffer.size
  log.cleaner.delete.retention.ms
  log.cleaner.max.compaction.lag.ms
  log.cleaner.min.cleanable.ratio
  log.cleaner.min.compaction.lag.ms
  log.cleanup.policy
  log.flush.interval.messages
  log.flush.interval.ms
  log.index.interval.bytes
  log.index.size.max.bytes
  log.local.retention.bytes
  log.local.retention.ms
  log.message.timestamp.after.max.ms
  log.message.timestamp.before.max.ms
  log.message.timestamp.type
  log.preallocate
  log.retention.bytes
  log.retention.ms
  log.roll.jitter.ms
  log.roll.ms
  log.segment.bytes
  log.segment.delete.delay.ms
  max.connections
  max.connections.per.ip
  message.max.bytes
  min.insync.replicas
  producer.id.expiration.ms
  unclean.leader.election.enable
`;

const dynamicNames: ReadonlySet<string> = new Set(dynamic.trim().split(/\s+/));

const internalNames: ReadonlySet<string> = new Set([
  'internal.segment.bytes',
  'producer.id.expiration.check.interval.ms',
]);

/** Whether Apache Kafka has the config for its own tests. It is shown only where it was set. */
export const isInternalConfig = (name: string): boolean => internalNames.has(name);

export const isDynamicConfig = (name: string): boolean => dynamicNames.has(name);
