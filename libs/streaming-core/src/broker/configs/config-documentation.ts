import type { BrokerConfigEntry } from './broker-configs.ts';

const topicConfigs: Readonly<Record<string, string>> = {
  'cleanup.policy':
    'This config designates the retention policy to use on log segments. ' +
    'delete drops them by age and size, compact keeps the newest record of each key, nothing keeps them.',
  'compression.gzip.level': "Kept for tools: what the broker compresses has the codec's own default.",
  'compression.lz4.level': "Kept for tools: what the broker compresses has the codec's own default.",
  'compression.zstd.level': "Kept for tools: what the broker compresses has the codec's own default.",
  'compression.type':
    'The codec that batches are stored in; producer leaves them as they were sent, anything else is compressed anew where it differs.',
  'delete.retention.ms': 'How long a deletion stays readable in a compacted log, in milliseconds.',
  'file.delete.delay.ms': 'Kept for tools: files of deleted segments go at once.',
  'flush.messages': "Kept for tools: the broker's flush policy decides when records are on disk.",
  'flush.ms': "Kept for tools: the broker's flush policy decides when records are on disk.",
  'follower.replication.throttled.replicas': 'Kept for tools: a single node has no followers.',
  'index.interval.bytes': 'Bytes of records from one entry of the offset index to the next.',
  'leader.replication.throttled.replicas': 'Kept for tools: a single node has no followers.',
  'local.retention.bytes': 'Kept for tools: nothing is stored elsewhere.',
  'local.retention.ms': 'Kept for tools: nothing is stored elsewhere.',
  'max.compaction.lag.ms': 'The longest that a record of a compacted log stays uncompacted, in milliseconds.',
  'max.message.bytes': 'The largest record batch that is taken, in bytes.',
  'message.timestamp.after.max.ms': "How far a record's time may lie after the broker's, in milliseconds.",
  'message.timestamp.before.max.ms': "How far a record's time may lie before the broker's, in milliseconds.",
  'message.timestamp.type':
    "Whose time a record has: its producer's (CreateTime) or the broker's (LogAppendTime).",
  'min.cleanable.dirty.ratio':
    'The part of a compacted log that is uncompacted before it is compacted again, 0 to 1.',
  'min.compaction.lag.ms': 'The time that a record stays uncompacted at least, in milliseconds.',
  'min.insync.replicas':
    'Replicas that acks=all needs. A single node has one: more refuses every such write.',
  preallocate: 'Kept for tools: segments grow as they are written.',
  'remote.log.copy.disable': 'Kept for tools: nothing is stored elsewhere.',
  'remote.log.delete.on.disable': 'Kept for tools: nothing is stored elsewhere.',
  'remote.storage.enable': 'Kept for tools: nothing is stored elsewhere.',
  'retention.bytes': 'Bytes of a partition beyond which old segments are deleted, -1 for no limit.',
  'retention.ms': 'Age beyond which segments are deleted, in milliseconds, -1 for never.',
  'internal.segment.bytes':
    'Size of a segment file in bytes, for tests: it may be small, and stands above segment.bytes.',
  'segment.bytes': 'Size of a segment file in bytes.',
  'segment.index.bytes': 'Size of an index file at which its segment is left, in bytes.',
  'segment.jitter.ms': 'The most by which the age of a segment is shortened at random, in milliseconds.',
  'segment.ms': 'Age at which a segment is closed although it is not full, in milliseconds.',
  'unclean.leader.election.enable': 'Kept for tools: a single node elects nobody.',
};

/** One sentence on a topic config. */
export const topicConfigDocumentation = (name: string): string => topicConfigs[name] ?? '';

/** One sentence on a broker config. */
export const brokerConfigDocumentation = ({
  topicConfig,
  readOnly,
}: Pick<BrokerConfigEntry, 'topicConfig' | 'readOnly'>): string =>
  topicConfig === undefined
    ? `A setting of the broker, ${readOnly ? 'read when it starts' : 'in force at once'}.`
    : `The default of the topic config ${topicConfig}. ${topicConfigDocumentation(topicConfig)}`;
