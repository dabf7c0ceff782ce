import type { BrokerConfigEntry } from './broker-configs.ts';

const topicConfigs: Readonly<Record<string, string>> = {
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
export const topicConfigDocumentation = (name: string): string => topicConfigs[name] ?? '';

/** Returns one sentence about a broker config. */
export const brokerConfigDocumentation = ({
  topicConfig,
  readOnly,
}: Pick<BrokerConfigEntry, 'topicConfig' | 'readOnly'>): string =>
  topicConfig === undefined
    ? `A broker config that ${readOnly ? 'is read at the start' : 'takes effect at once'}.`
    : `The default of the topic config ${topicConfig}. ${topicConfigDocumentation(topicConfig)}`;
