import { ProtocolError } from '../protocol/errors.ts';

/** The topic configs that a partition acts on, parsed; defaults are Apache Kafka's. */
export interface TopicSettings {
  readonly segmentBytes: number;
  readonly indexIntervalBytes: number;
  readonly maxMessageBytes: number;
  readonly compacted: boolean;
  readonly logAppendTime: boolean;
  /** How far a record's time may lie from the broker's clock. Only enforced when set. */
  readonly timestampBeforeMaxMs: bigint | undefined;
  readonly timestampAfterMaxMs: bigint | undefined;
}

const int32Max = 2_147_483_647;

/** Throws INVALID_CONFIG for values these settings cannot have. Other configs are stored as they are. */
export function topicSettings(configs: ReadonlyMap<string, string>): TopicSettings {
  const timestampType = configs.get('message.timestamp.type') ?? 'CreateTime';
  if (timestampType !== 'CreateTime' && timestampType !== 'LogAppendTime')
    throw invalid('message.timestamp.type', timestampType, 'CreateTime or LogAppendTime');
  return {
    segmentBytes: integer(configs, 'segment.bytes', { byDefault: 1_073_741_824, min: 14 }),
    indexIntervalBytes: integer(configs, 'index.interval.bytes', { byDefault: 4_096, min: 0 }),
    maxMessageBytes: integer(configs, 'max.message.bytes', { byDefault: 1_048_588, min: 0 }),
    compacted: cleanupPolicy(configs).includes('compact'),
    logAppendTime: timestampType === 'LogAppendTime',
    timestampBeforeMaxMs: milliseconds(configs, 'message.timestamp.before.max.ms'),
    timestampAfterMaxMs: milliseconds(configs, 'message.timestamp.after.max.ms'),
  };
}

function cleanupPolicy(configs: ReadonlyMap<string, string>): readonly string[] {
  const text = configs.get('cleanup.policy') ?? 'delete';
  const policies = text.split(',').map((policy) => policy.trim());
  if (policies.some((policy) => policy !== 'delete' && policy !== 'compact'))
    throw invalid('cleanup.policy', text, 'delete, compact or both, comma-separated');
  return policies;
}

function integer(configs: ReadonlyMap<string, string>, name: string, limits: { byDefault: number; min: number }): number {
  const text = configs.get(name);
  if (text === undefined) return limits.byDefault;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= limits.min && value <= int32Max)) throw invalid(name, text, `an integer from ${limits.min} to ${int32Max}`);
  return value;
}

function milliseconds(configs: ReadonlyMap<string, string>, name: string): bigint | undefined {
  const text = configs.get(name);
  if (text === undefined) return undefined;
  if (!/^\d{1,19}$/.test(text)) throw invalid(name, text, 'milliseconds, 0 or more');
  return BigInt(text);
}

const invalid = (name: string, value: string, expected: string) =>
  new ProtocolError('INVALID_CONFIG', `${name}=${value} is not possible: give ${expected}`);
