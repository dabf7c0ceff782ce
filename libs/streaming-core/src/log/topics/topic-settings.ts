import { ProtocolError } from '../../protocol/errors.ts';
import type { CompressionCodec } from '../../records/record-batch.ts';

/** The parsed topic configs that a partition uses. The defaults are Apache Kafka's. */
export interface TopicSettings {
  readonly segmentBytes: number;
  readonly indexIntervalBytes: number;
  /**
   * The limit of the offset index and of the time index. A segment is rolled when one of them is
   * full.
   */
  readonly indexBytesMax: number;
  readonly maxMessageBytes: number;
  /** From `cleanup.policy`: one, both or none. With none, nothing is ever cleaned up. */
  readonly deletes: boolean;
  readonly compacted: boolean;
  /** The codec of stored batches. `producer` keeps the codec of the producer. */
  readonly compression: CompressionCodec | 'producer';
  readonly logAppendTime: boolean;
  /** How far a record's time may be from the broker's clock. */
  readonly timestampBeforeMaxMs: bigint;
  readonly timestampAfterMaxMs: bigint;
  /** A segment is rolled when its first record is this old. */
  readonly segmentMs: bigint;
  readonly segmentJitterMs: bigint;
  /** -1 means forever. */
  readonly retentionMs: bigint;
  readonly retentionBytes: bigint;
  readonly compaction: CompactionSettings;
}

/** The settings of a topic, which may change while its partitions are open. */
export interface SettingsInForce {
  current: TopicSettings;
}

interface CompactionSettings {
  /** Compaction begins once this fraction of the log is uncleaned, from 0 to 1. */
  readonly dirtyRatioMin: number;
  readonly lagMsMin: bigint;
  readonly lagMsMax: bigint;
  /** How long readers can still see a tombstone (`delete.retention.ms`). */
  readonly deleteRetentionMs: bigint;
}

/**
 * Apache Kafka's config for tests. Unlike `segment.bytes`, it may be small when a topic is created.
 */
const internalSegmentBytes = 'internal.segment.bytes';
const int32Max = 2_147_483_647;
const int64Max = 9_223_372_036_854_775_807n;
const hourMs = 3_600_000n;
const dayMs = 86_400_000n;
const weekMs = 604_800_000n;

/**
 * Throws INVALID_CONFIG for an invalid value of these settings. Other configs are not checked here.
 */
export function topicSettings(configs: ReadonlyMap<string, string>): TopicSettings {
  const timestampType = configs.get('message.timestamp.type') ?? 'CreateTime';
  if (timestampType !== 'CreateTime' && timestampType !== 'LogAppendTime')
    throw invalid('message.timestamp.type', timestampType, 'CreateTime or LogAppendTime');
  const policies = cleanupPolicies(configs);
  const compacted = policies.includes('compact');
  const compaction = compactionSettings(configs);
  const segmentMs = long(configs, 'segment.ms', { byDefault: weekMs, min: 1n });
  return {
    segmentBytes: integer(
      configs,
      configs.has(internalSegmentBytes) ? internalSegmentBytes : 'segment.bytes',
      {
        byDefault: 1_073_741_824,
        min: 14,
      },
    ),
    indexIntervalBytes: integer(configs, 'index.interval.bytes', { byDefault: 4_096, min: 0 }),
    indexBytesMax: integer(configs, 'segment.index.bytes', { byDefault: 10_485_760, min: 4 }),
    maxMessageBytes: integer(configs, 'max.message.bytes', { byDefault: 1_048_588, min: 0 }),
    deletes: policies.includes('delete'),
    compacted,
    compression: compression(configs),
    logAppendTime: timestampType === 'LogAppendTime',
    timestampBeforeMaxMs: long(configs, 'message.timestamp.before.max.ms', { byDefault: int64Max, min: 0n }),
    timestampAfterMaxMs: long(configs, 'message.timestamp.after.max.ms', { byDefault: hourMs, min: 0n }),
    segmentMs: compacted && compaction.lagMsMax < segmentMs ? compaction.lagMsMax : segmentMs,
    segmentJitterMs: long(configs, 'segment.jitter.ms', { byDefault: 0n, min: 0n }),
    retentionMs: long(configs, 'retention.ms', { byDefault: weekMs, min: -1n }),
    retentionBytes: long(configs, 'retention.bytes', { byDefault: -1n, min: -1n }),
    compaction,
  };
}

function compactionSettings(configs: ReadonlyMap<string, string>): CompactionSettings {
  return {
    dirtyRatioMin: ratio(configs, 'min.cleanable.dirty.ratio', 0.5),
    lagMsMin: long(configs, 'min.compaction.lag.ms', { byDefault: 0n, min: 0n }),
    lagMsMax: long(configs, 'max.compaction.lag.ms', { byDefault: int64Max, min: 1n }),
    deleteRetentionMs: long(configs, 'delete.retention.ms', { byDefault: dayMs, min: 0n }),
  };
}

function compression(configs: ReadonlyMap<string, string>): TopicSettings['compression'] {
  const type = configs.get('compression.type') ?? 'producer';
  switch (type) {
    case 'producer':
    case 'gzip':
    case 'snappy':
    case 'lz4':
    case 'zstd':
      return type;
    case 'uncompressed':
      return 'none';
    default:
      throw invalid('compression.type', type, 'producer, uncompressed, gzip, snappy, lz4 or zstd');
  }
}

function cleanupPolicies(configs: ReadonlyMap<string, string>): readonly string[] {
  const text = configs.get('cleanup.policy') ?? 'delete';
  const policies = text.split(',').flatMap((policy) => policy.trim() || []);
  if (policies.some((policy) => policy !== 'delete' && policy !== 'compact'))
    throw invalid('cleanup.policy', text, 'delete, compact or both, comma-separated');
  return policies;
}

function integer(
  configs: ReadonlyMap<string, string>,
  name: string,
  limits: { byDefault: number; min: number },
): number {
  const text = configs.get(name);
  if (text === undefined) return limits.byDefault;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= limits.min && value <= int32Max))
    throw invalid(name, text, `an integer from ${limits.min} to ${int32Max}`);
  return value;
}

function long(
  configs: ReadonlyMap<string, string>,
  name: string,
  limits: { byDefault: bigint; min: bigint },
): bigint {
  const text = configs.get(name);
  if (text === undefined) return limits.byDefault;
  const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value < limits.min || value > int64Max)
    throw invalid(name, text, `an integer from ${limits.min} to ${int64Max}`);
  return value;
}

function ratio(configs: ReadonlyMap<string, string>, name: string, byDefault: number): number {
  const text = configs.get(name);
  if (text === undefined) return byDefault;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= 1)) throw invalid(name, text, 'a number from 0 to 1');
  return value;
}

const invalid = (name: string, value: string, expected: string) =>
  new ProtocolError('INVALID_CONFIG', `${name}=${value} is invalid: use ${expected}`);
