import type { ConnectConfig } from '../../plugin/setting.ts';
import { isObject } from '../../record/fields.ts';
import type { SinkRecord } from '../../record/records.ts';
import { jsonValue, textOf } from '../json-value.ts';
import { RecordError } from '../refused-record.ts';

type Command = ReadonlyArray<string | Buffer>;

/** The commands that write a record into Redis. */
export interface RedisWrite {
  readonly key: string;
  readonly commands: readonly Command[];
}

/** Throws a RecordError if the record lacks something that the mode or the pattern needs. */
export function redisWriteOf(record: SinkRecord, config: ConnectConfig): RedisWrite {
  const key = keyOf(config['key.pattern'] ?? '', record);
  const ttlSeconds = config['ttl.seconds'] ?? '0';
  const expires: readonly Command[] = ttlSeconds === '0' ? [] : [['EXPIRE', key, ttlSeconds]];
  if (config.mode === 'stream') {
    const limit = ['MAXLEN', '~', config['stream.entries.max'] ?? '1000000'];
    return { key, commands: [['XADD', key, ...limit, '*', ...entryOf(record)], ...expires] };
  }
  if (isNull(record.value.value)) return { key, commands: [['DEL', key]] };
  if (config.mode === 'hash')
    // The sink deletes the hash first, so that fields disappear that the value no longer has.
    return { key, commands: [['DEL', key], ['HSET', key, ...fieldsOf(record)], ...expires] };
  const value = config.mode === 'string' ? stringOf(record) : JSON.stringify(jsonValue(record.value));
  return { key, commands: [['SET', key, value, ...(ttlSeconds === '0' ? [] : ['EX', ttlSeconds])]] };
}

const isNull = (value: unknown): value is null | undefined => value === null || value === undefined;

function keyOf(pattern: string, record: SinkRecord): string {
  return pattern.replace(/\$\{(topic|partition|key)(?:\.([^}]+))?\}/g, (_, name: string, field?: string) => {
    if (name === 'topic') return record.topic;
    if (name === 'partition') return String(record.origin.partition);
    if (isNull(record.key.value)) throw new RecordError('it has no key, which key.pattern uses');
    if (field === undefined) return keyText(record);
    const part = (jsonValue(record.key) as Readonly<Record<string, unknown>>)[field];
    if (isNull(part)) throw new RecordError(`its key has no field "${field}", which key.pattern uses`);
    return textOf({ value: part });
  });
}

/** Joins the values of a key with fields by colons, so that no key of Redis contains JSON. */
function keyText({ key }: SinkRecord): string {
  const value = jsonValue(key);
  return isObject(value)
    ? Object.values(value)
        .map((part) => textOf({ value: part }))
        .join(':')
    : textOf({ value });
}

function fieldsOf({ value }: SinkRecord): Command {
  const fields = jsonValue(value);
  if (!isObject(fields))
    throw new RecordError('its value is not an object with fields, which mode=hash needs: use mode=json');
  const cells = Object.entries(fields).filter(([, each]) => !isNull(each));
  if (cells.length === 0)
    throw new RecordError('its value has no field that is not null, and Redis has no empty hash');
  return cells.flatMap(([name, each]) => [name, textOf({ value: each })]);
}

function stringOf({ value: { value } }: SinkRecord): string | Buffer {
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value;
  throw new RecordError('its value is neither text nor bytes, which mode=string needs: use mode=json');
}

function entryOf({ key, value, origin, timestampMs }: SinkRecord): Command {
  return [
    ...(isNull(key.value) ? [] : ['key', textOf(key)]),
    ...(isNull(value.value) ? [] : ['value', textOf(value)]),
    'topic',
    origin.topic,
    'partition',
    String(origin.partition),
    'offset',
    String(origin.offset),
    ...(timestampMs === undefined ? [] : ['timestamp', String(timestampMs)]),
  ];
}
