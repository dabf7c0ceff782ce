import { ProtocolError } from '../protocol/errors.ts';
import { flag, int, listOf, long, oneOf, ratio, type ConfigKind } from './config-kinds.ts';

/** Kafka's topic configs with its defaults (protocol notes C4). Stored in full; retention and compaction are not enforced yet. */
const topicConfigs: Readonly<Record<string, ConfigKind>> = {
  'cleanup.policy': listOf('delete', 'delete', 'compact'),
  'compression.type': oneOf('producer', 'producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'),
  'delete.retention.ms': long('86400000', 0n),
  'file.delete.delay.ms': long('60000', 0n),
  'flush.messages': long('9223372036854775807', 1n),
  'flush.ms': long('9223372036854775807', 0n),
  'index.interval.bytes': int('4096', 0n),
  'max.compaction.lag.ms': long('9223372036854775807', 1n),
  'max.message.bytes': int('1048588', 0n),
  'message.timestamp.after.max.ms': long('3600000', 0n),
  'message.timestamp.before.max.ms': long('9223372036854775807', 0n),
  'message.timestamp.type': oneOf('CreateTime', 'CreateTime', 'LogAppendTime'),
  'min.cleanable.dirty.ratio': ratio('0.5'),
  'min.compaction.lag.ms': long('0', 0n),
  'min.insync.replicas': int('1', 1n),
  preallocate: flag('false'),
  'remote.storage.enable': flag('false', 'false'),
  'retention.bytes': long('-1', -1n),
  'retention.ms': long('604800000', -1n),
  'segment.bytes': int('1073741824', 14n),
  'segment.index.bytes': int('10485760', 4n),
  'segment.jitter.ms': long('0', 0n),
  'segment.ms': long('604800000', 1n),
  'unclean.leader.election.enable': flag('false'),
};

/** Throws INVALID_CONFIG for an unknown name or an impossible value. */
export function validTopicConfigs(
  given: ReadonlyArray<{ readonly name: string; readonly value: string | null }>,
): ReadonlyMap<string, string> {
  const configs = new Map<string, string>();
  for (const { name, value } of given) {
    const known = Object.hasOwn(topicConfigs, name) ? topicConfigs[name] : undefined;
    if (known === undefined) throw new ProtocolError('INVALID_CONFIG', `unknown topic config ${name}`);
    if (value === null || !known.isValid(value))
      throw new ProtocolError('INVALID_CONFIG', `${name}=${String(value)} is not possible: give ${known.expected}`);
    configs.set(name, value);
  }
  return configs;
}

/** Kafka's numbers for where a value comes from (protocol notes 8.3). */
const configSource = { topic: 1, byDefault: 5 } as const;

/** Every config of a topic with the value in force. */
export function effectiveTopicConfigs(set: ReadonlyMap<string, string>) {
  return Object.entries(topicConfigs).map(([name, { byDefault }]) => ({
    name,
    value: set.get(name) ?? byDefault,
    readOnly: false,
    configSource: set.has(name) ? configSource.topic : configSource.byDefault,
    isSensitive: false,
  }));
}
