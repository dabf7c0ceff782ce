import { ProtocolError } from '../protocol/errors.ts';

interface TopicConfig {
  readonly byDefault: string;
  readonly isValid: (value: string) => boolean;
  readonly expected: string;
}

const int64Max = 9_223_372_036_854_775_807n;

const integer = (byDefault: string, min: bigint, max = int64Max): TopicConfig => ({
  byDefault,
  isValid: (value) => /^-?\d{1,19}$/.test(value) && BigInt(value) >= min && BigInt(value) <= max,
  expected: `an integer from ${min} to ${max}`,
});

const int32Max = 2_147_483_647n;

const oneOf = (byDefault: string, ...values: readonly string[]): TopicConfig => ({
  byDefault,
  isValid: (value) => values.includes(value),
  expected: `one of ${values.join(', ')}`,
});

const ratio: TopicConfig = {
  byDefault: '0.5',
  isValid: (value) => /^\d*\.?\d+$/.test(value) && Number(value) <= 1,
  expected: 'a number from 0 to 1',
};

const cleanupPolicies: TopicConfig = {
  byDefault: 'delete',
  isValid: (value) => value.split(',').every((policy) => ['delete', 'compact'].includes(policy.trim())),
  expected: 'delete, compact or both, comma-separated',
};

/** Kafka's topic configs with its defaults (protocol notes C4). Stored in full; retention and compaction are not enforced yet. */
const topicConfigs: Readonly<Record<string, TopicConfig>> = {
  'cleanup.policy': cleanupPolicies,
  'compression.type': oneOf('producer', 'producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'),
  'delete.retention.ms': integer('86400000', 0n),
  'file.delete.delay.ms': integer('60000', 0n),
  'flush.messages': integer('9223372036854775807', 1n),
  'flush.ms': integer('9223372036854775807', 0n),
  'index.interval.bytes': integer('4096', 0n, int32Max),
  'max.compaction.lag.ms': integer('9223372036854775807', 1n),
  'max.message.bytes': integer('1048588', 0n, int32Max),
  'message.timestamp.after.max.ms': integer('3600000', 0n),
  'message.timestamp.before.max.ms': integer('9223372036854775807', 0n),
  'message.timestamp.type': oneOf('CreateTime', 'CreateTime', 'LogAppendTime'),
  'min.cleanable.dirty.ratio': ratio,
  'min.compaction.lag.ms': integer('0', 0n),
  'min.insync.replicas': integer('1', 1n, int32Max),
  preallocate: oneOf('false', 'true', 'false'),
  'remote.storage.enable': oneOf('false', 'false'),
  'retention.bytes': integer('-1', -1n),
  'retention.ms': integer('604800000', -1n),
  'segment.bytes': integer('1073741824', 14n, int32Max),
  'segment.index.bytes': integer('10485760', 4n, int32Max),
  'segment.jitter.ms': integer('0', 0n),
  'segment.ms': integer('604800000', 1n),
  'unclean.leader.election.enable': oneOf('false', 'true', 'false'),
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
