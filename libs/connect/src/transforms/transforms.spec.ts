import { describe, expect, it } from '@jest/globals';
import { jsonConverter } from '../converters/json-converter.ts';
import { golden } from '../golden/golden.fixture.ts';
import type { ConnectSchema } from '../record/connect-schema.ts';
import type { ConnectRecord, Data, SinkRecord } from '../record/records.ts';
import { recordPipeline } from '../settings/record-pipeline.ts';
import { pluginTable } from '../settings/plugin-table.ts';
import { validateFields } from '../settings/validation.ts';
import { transformed } from './transform-chain.ts';

const plugins = pluginTable({
  connectors: [
    {
      class: 'test.Sink',
      aliases: [],
      kind: 'sink',
      version: '1',
      settings: [],
      ignored: [],
      createTask: () => {
        throw new Error('not run');
      },
    },
  ],
});

const defaults = () => ({
  'key.converter': 'JsonConverter',
  'value.converter': 'JsonConverter',
  'header.converter': 'SimpleHeaderConverter',
});

/** Runs a record through the transform of this type, configured as a connector's file would do it. */
function change<Changed extends ConnectRecord>(
  type: string,
  settings: object,
  record: Changed,
  more: object = {},
): Changed | undefined {
  const own = Object.entries(settings).map(([name, value]) => [`transforms.t.${name}`, String(value)]);
  const config = {
    name: 'c',
    'connector.class': 'test.Sink',
    topics: 'x',
    transforms: 't',
    'transforms.t.type': type,
    ...Object.fromEntries(own),
    ...more,
  };
  const checked = validateFields({ plugins, defaults }, config);
  const errors = checked.settings.flatMap((one) => one.errors);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return transformed(recordPipeline(plugins, checked.config).transforms, record);
}

const schema: ConnectSchema = {
  type: 'struct',
  optional: false,
  name: 'n',
  fields: [{ field: 'a', schema: { type: 'int32', optional: false } }],
};
const record = (value: Data): SinkRecord => ({
  topic: 't',
  partition: 3,
  key: { value: null },
  value,
  headers: [{ key: 'h', value: 'x' }],
  timestampMs: 1_699_999_200_123,
  origin: { topic: 't', partition: 3, offset: 5n },
});
const envelope = jsonConverter.create(
  { 'schemas.enable': 'true', 'replace.null.with.default': 'true' },
  false,
);
const shown = (data: Data | undefined) => String(envelope.toBytes('t', data!));
const timestamps = { 'target.type': 'string', field: 'ts' };

describe('the transforms', () => {
  it('insert, replace, extract and move fields as those of Kafka', () => {
    const settings = {
      'topic.field': 'tp',
      'offset.field': 'off!',
      'static.field': 'st',
      'static.value': 'v',
      'timestamp.field': 'tm',
      'partition.field': 'pt',
    };
    const inserted = change('InsertField$Value', settings, record({ schema, value: { a: 1 } }))!;
    expect(shown(inserted.value)).toBe(golden.get('insert'));
    const replaced = change('ReplaceField$Value', { exclude: 'tp,st', renames: 'a:b,pt:part' }, inserted);
    expect(shown(replaced?.value)).toBe(golden.get('replace'));
    const keyed = change('ValueToKey', { fields: 'a,tp' }, inserted)!;
    expect(shown(keyed.key)).toBe(golden.get('valueToKey'));
    const extracted = change('org.apache.kafka.connect.transforms.ExtractField$Key', { field: 'a' }, keyed);
    expect(shown(extracted?.key)).toBe(golden.get('extract'));
    expect(extracted?.origin).toBe(inserted.origin);
  });

  it('do the same with plain JSON, and leave tombstones as they are', () => {
    const plain = record({ value: { a: 1, b: { c: 2 } } });
    expect(change('InsertField$Value', { 'static.field': 's', 'static.value': 'v' }, plain)?.value).toEqual({
      value: { a: 1, b: { c: 2 }, s: 'v' },
    });
    expect(change('ReplaceField$Value', { include: 'b', renames: 'b:d' }, plain)?.value).toEqual({
      value: { d: { c: 2 } },
    });
    expect(change('ExtractField$Value', { field: 'b' }, plain)?.value).toEqual({ value: { c: 2 } });
    expect(change('ValueToKey', { fields: 'a,none' }, plain)?.key).toEqual({ value: { a: 1, none: null } });
    const tombstone = record({ value: null });
    expect(change('ReplaceField$Value', { include: 'a' }, tombstone)?.value).toEqual({ value: null });
    expect(change('ExtractField$Value', { field: 'a' }, tombstone)?.value).toEqual({ value: null });
  });

  it.each(["yyyy-MM-dd'T'HH:mm:ss.SSSXXX", 'dd.MM.yy HH:mm:ss Z', 'yyyyMMdd'])(
    "write and read times in the pattern %s as Kafka's do",
    (format) => {
      const text = change(
        'TimestampConverter$Value',
        { ...timestamps, format },
        record({ value: { ts: 1_699_999_200_123 } }),
      );
      expect(`{ts=${(text?.value.value as { ts: string }).ts}}`).toBe(golden.get(`ts ${format}`));
      const back = change(
        'TimestampConverter$Value',
        { ...timestamps, 'target.type': 'unix', format },
        text!,
      );
      expect(`{ts=${(back?.value.value as { ts: number }).ts}}`).toBe(golden.get(`back ${format}`));
    },
  );

  it.each(['Date', 'Time', 'Timestamp', 'unix'])("convert times to %s as Kafka's do", (type) => {
    const field: ConnectSchema = {
      type: 'struct',
      optional: false,
      fields: [{ field: 'ts', schema: { type: 'int64', optional: false } }],
    };
    const settings = { ...timestamps, 'target.type': type, 'unix.precision': 'microseconds' };
    const converted = change(
      'TimestampConverter$Value',
      settings,
      record({ schema: field, value: { ts: 1_699_999_200_123_456n } }),
    );
    expect(shown(converted?.value)).toBe(golden.get(`target ${type}`));
  });

  it('keep every digit of Unix times in nanoseconds', () => {
    const settings = { ...timestamps, 'target.type': 'unix', 'unix.precision': 'nanoseconds' };
    const written = change(
      'TimestampConverter$Value',
      settings,
      record({ value: { ts: 1_699_999_200_122_999_999n } }),
    );
    expect(written?.value.value).toEqual({ ts: 1_699_999_200_122_000_000n });
  });

  it.each([
    ['(.*)-raw', '$1'],
    ['shop\\.(.*)\\.(.*)', '$2_\\$x'],
    ['raw', 'x'],
  ])("route topics by the expression %s as Kafka's do", (regex, replacement) => {
    for (const topic of ['orders-raw', 'shop.public.orders']) {
      const routed = change('RegexRouter', { regex, replacement }, { ...record({ value: 1 }), topic });
      expect(routed?.topic).toBe(golden.get(`route ${regex} ${topic}`));
    }
  });

  it.each([
    ['TopicNameMatches', { pattern: 't' }, true],
    ['TopicNameMatches', { pattern: 'tt' }, false],
    ['HasHeaderKey', { name: 'h' }, true],
    ['HasHeaderKey', { name: 'i' }, false],
    ['RecordIsTombstone', {}, false],
  ])('leave out the records that the predicate %s %p selects: %s', (type, settings, finds) => {
    const own = Object.entries(settings).map(([name, value]) => [`predicates.p.${name}`, value]);
    const predicate = { predicates: 'p', 'predicates.p.type': type, ...Object.fromEntries(own) };
    const filtered = (negate: boolean) =>
      change('Filter', { predicate: 'p', negate }, record({ value: 1 }), predicate) === undefined;
    expect(filtered(false)).toBe(finds);
    expect(filtered(true)).toBe(!finds);
  });

  it('refuse what they cannot do, in the record or in the settings', () => {
    const text = record({ value: 'text' });
    for (const value of ['text', [{ a: 1 }], Buffer.from('a')])
      expect(() => change('ExtractField$Value', { field: 'a' }, record({ value }))).toThrow(
        'Only Struct objects or maps are supported',
      );
    expect(() => change('ExtractField$Value', { field: 'b' }, record({ schema, value: { a: 1 } }))).toThrow(
      'Field does not exist: b',
    );
    expect(() => change('ExtractField$Value', {}, text)).toThrow('"transforms.t.field"');
    expect(() => change('TimestampConverter$Value', { ...timestamps, format: 'EEE' }, text)).toThrow(
      'use the letters y, M, d',
    );
    expect(() => change('TimestampConverter$Value', timestamps, text)).toThrow('requires format option');
    expect(() => change('ReplaceField$Value', { renames: 'a' }, text)).toThrow('Invalid rename mapping');
    expect(() => change('Filter', { predicate: 'q' }, text)).toThrow('the list predicates does not have q');
    expect(() => change('ReplaceField$Value', { includes: 'a' }, text)).toThrow(
      'has no setting transforms.t.includes',
    );
  });
});

describe('a field with a name that every object inherits', () => {
  const transforms = 'org.apache.kafka.connect.transforms';
  const plain = (text: string): ConnectRecord => ({
    topic: 't',
    key: { value: null },
    value: { value: JSON.parse(text) as unknown },
    headers: [],
  });
  const given = '{"__proto__":{"a":1},"constructor":2}';

  it.each([
    [{ renames: '__proto__:p' }, '{"p":{"a":1},"constructor":2}'],
    [{ renames: 'constructor:toString' }, '{"__proto__":{"a":1},"toString":2}'],
    [{ exclude: 'constructor' }, '{"__proto__":{"a":1}}'],
  ])('is renamed and left out as any other: %j', (settings, expected) => {
    const changed = change(`${transforms}.ReplaceField$Value`, settings, plain(given));
    expect(JSON.stringify(changed?.value.value)).toBe(expected);
    expect(Object.getPrototypeOf(changed?.value.value)).toBe(Object.prototype);
  });

  it('is inserted as any other', () => {
    const settings = { 'static.field': '__proto__', 'static.value': 'x' };
    const changed = change(`${transforms}.InsertField$Value`, settings, plain('{}'));
    expect(JSON.stringify(changed?.value.value)).toBe('{"__proto__":"x"}');
  });

  it.each(['__proto__', 'constructor'])('is null where it is absent: %s', (field) => {
    const extract = change(`${transforms}.ExtractField$Value`, { field }, plain('{"a":1}'));
    expect(extract?.value.value).toBeNull();
    const key = change(`${transforms}.ValueToKey`, { fields: field }, plain('{"a":1}'))?.key.value;
    expect(JSON.stringify(key)).toBe(`{"${field}":null}`);
    expect(
      change(`${transforms}.TimestampConverter$Value`, { field, 'target.type': 'unix' }, plain('{"a":1}'))
        ?.value.value,
    ).toHaveProperty('a', 1);
  });
});
