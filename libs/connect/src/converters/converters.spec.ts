import { describe, expect, it } from '@jest/globals';
import { golden } from '../golden/golden.fixture.ts';
import type { ConnectSchema, PrimitiveType } from '../record/connect-schema.ts';
import type { Data } from '../record/records.ts';
import type { Converter } from './converter.ts';
import { jsonConverter } from './json-converter.ts';
import { byteArrayConverter, simpleHeaderConverter, stringConverter } from './plain-converters.ts';

const of = (type: PrimitiveType, more: Partial<ConnectSchema> = {}) =>
  ({ type, optional: false, ...more }) as ConnectSchema;
const logical = 'org.apache.kafka.connect.data';

const row: ConnectSchema = {
  type: 'struct',
  optional: false,
  name: 'shop.Value',
  version: 2,
  doc: 'a row',
  fields: [
    { field: 'b', schema: of('boolean') },
    { field: 'i8', schema: of('int8') },
    { field: 'i16', schema: of('int16') },
    { field: 'i32', schema: of('int32') },
    { field: 'i64', schema: of('int64') },
    { field: 'f32', schema: of('float32') },
    { field: 'f64', schema: of('float64') },
    { field: 'text', schema: of('string', { optional: true }) },
    { field: 'bytes', schema: of('bytes') },
    {
      field: 'dec',
      schema: of('bytes', { name: `${logical}.Decimal`, version: 1, parameters: { scale: '2' } }),
    },
    { field: 'ts', schema: of('int64', { name: `${logical}.Timestamp`, version: 1 }) },
    { field: 'date', schema: of('int32', { name: `${logical}.Date`, version: 1 }) },
    { field: 'list', schema: { type: 'array', optional: true, items: of('int32') } },
    { field: 'map', schema: { type: 'map', optional: false, keys: of('string'), values: of('int64') } },
    { field: 'pairs', schema: { type: 'map', optional: false, keys: of('int32'), values: of('string') } },
    { field: 'def', schema: of('string', { default: 'd' }) },
    {
      field: 'par',
      schema: of('int64', {
        optional: true,
        name: 'io.debezium.time.MicroTimestamp',
        version: 1,
        parameters: { k: 'v' },
      }),
    },
    {
      field: 'inner',
      schema: {
        type: 'struct',
        optional: true,
        name: 'inner',
        fields: [{ field: 'x', schema: of('float64') }],
      },
    },
  ],
};

const value = {
  b: true,
  i8: -1,
  i16: 300,
  i32: 70_000,
  i64: 9_007_199_254_740_993n,
  f32: 1.5,
  f64: 2.25,
  text: null,
  bytes: Buffer.from([0, 1, 255]),
  dec: Buffer.from('fb2e', 'hex'),
  ts: 1_699_999_200_000n,
  date: 19_675,
  list: [1, 2],
  map: new Map([['a', 1n]]),
  pairs: new Map([[7, 'seven']]),
  def: null,
  par: 1_699_999_200_000_001n,
  inner: { x: 0.5 },
};

const json = (config: Readonly<Record<string, string>>): Converter =>
  jsonConverter.create({ 'decimal.format': 'BASE64', 'replace.null.with.default': 'true', ...config }, false);
const written = (converter: Converter, data: Data) => String(converter.toBytes('t', data));
const read = (converter: Converter, text: string) => converter.toData('t', Buffer.from(text)) as Data;

describe('the JSON converter', () => {
  it.each([
    ['BASE64', 'true'],
    ['BASE64', 'false'],
    ['NUMERIC', 'true'],
    ['NUMERIC', 'false'],
  ])("N38 writes the same bytes as Kafka's converter: decimals %s, schemas %s", (format, schemas) => {
    const converter = json({ 'schemas.enable': schemas, 'decimal.format': format });
    expect(written(converter, { schema: row, value })).toBe(golden.get(`${format} ${schemas}`));
  });

  it.each(['BASE64', 'NUMERIC'])(
    "reads the bytes that Kafka's converter has written: decimals %s",
    (format) => {
      const converter = json({ 'schemas.enable': 'true', 'decimal.format': format });
      const first = read(converter, golden.get(`${format} true`)!);
      const second = read(converter, golden.get(`${format} true`)!);
      expect(first).toEqual({ schema: row, value: { ...value, def: 'd' } });
      expect(second).toEqual(first);
      expect(second.schema).toBe(first.schema);
    },
  );

  it("treats nulls as Kafka's converter does", () => {
    const optional: ConnectSchema = {
      type: 'struct',
      optional: true,
      fields: [{ field: 'a', schema: of('int32') }],
    };
    const withSchemas = json({ 'schemas.enable': 'true' });
    const plain = json({ 'schemas.enable': 'false' });
    expect(written(withSchemas, { schema: optional, value: null })).toBe(golden.get('null with schema'));
    expect(withSchemas.toBytes('t', { value: null })).toBeNull();
    expect(written(withSchemas, { value: { a: 1n } })).toBe(golden.get('plain in envelope'));
    expect(plain.toBytes('t', { schema: of('string', { optional: true }), value: null })).toBeNull();
    expect(written(plain, { schema: of('string'), value: 'x' })).toBe(golden.get('string plain'));
    expect(withSchemas.toData('t', null)).toEqual({ value: null });
    expect(read(withSchemas, '{"schema":null,"payload":[1]}')).toEqual({ value: [1] });
  });

  it('keeps integers beyond 2^53 exact, even without a schema', () => {
    const plain = json({ 'schemas.enable': 'false' });
    const text = '{"big":9007199254740993,"small":[1,2.5],"text":"9007199254740993"}';
    const data = read(plain, text);
    expect(data.value).toEqual({ big: 9_007_199_254_740_993n, small: [1, 2.5], text: '9007199254740993' });
    expect(written(plain, data)).toBe(text);
  });

  it.each([
    ['no JSON', /no JSON/],
    ['{"a":1}', /requires "schema" and "payload" fields/],
    ['{"schema":{"type":"int33"},"payload":1}', /Unknown schema type: int33/],
    [
      '{"schema":{"type":"int32","optional":false},"payload":null}',
      /Invalid null value for required int32 field/,
    ],
    [
      '{"schema":{"type":"int32","optional":false},"payload":"x"}',
      /Invalid value for int32: value is string x/,
    ],
    [
      '{"schema":{"type":"int8","optional":false},"payload":128}',
      /Invalid value for int8: value is number 128/,
    ],
    ['{"schema":{"type":"int64","optional":false},"payload":9223372036854775808}', /Invalid value for int64/],
    [
      '{"schema":{"type":"struct","fields":[{"field":"a","type":"string","optional":false}],"optional":false},"payload":{"a":1}}',
      /Invalid type for string: value\.a is number 1/,
    ],
  ])('refuses %s', (text, message) => {
    expect(() => read(json({ 'schemas.enable': 'true' }), text)).toThrow(message);
  });

  it('refuses an envelope that is cut, whatever it has read before', () => {
    const converter = json({ 'schemas.enable': 'true' });
    const whole = '{"schema":{"type":"int32","optional":false},"payload":12}';
    expect(read(converter, whole).value).toBe(12);
    expect(read(converter, whole).value).toBe(12);
    expect(() => read(converter, whole.slice(0, -1))).toThrow(/no JSON/);
    expect(() => read(converter, `${whole.slice(0, -1)},"more":1}`)).toThrow(/no JSON/);
  });

  it('refuses a required field that is null, and names it', () => {
    const data = { schema: row, value: { ...value, i32: null } };
    expect(() => written(json({ 'schemas.enable': 'false' }), data)).toThrow(
      /null value for field .*: value\.i32/,
    );
  });
});

describe('the other converters', () => {
  it("write text and bytes as Kafka's do", () => {
    const string = stringConverter.create({}, true);
    const key: ConnectSchema = {
      type: 'struct',
      optional: false,
      fields: [
        { field: 'id', schema: of('int32') },
        { field: 'no', schema: of('string', { optional: true }) },
      ],
    };
    expect(written(string, { schema: key, value: { id: 1, no: null } })).toBe(golden.get('string of struct'));
    expect(string.toBytes('t', { value: null })).toBeNull();
    expect(read(string, 'ü')).toEqual({ schema: { type: 'string', optional: true }, value: 'ü' });
    const bytes = byteArrayConverter.create({}, false);
    expect(bytes.toBytes('t', { value: Buffer.from('x') })).toEqual(Buffer.from('x'));
    expect(() => bytes.toBytes('t', { value: 'x' })).toThrow(
      'Invalid schema type for ByteArrayConverter: string',
    );
    expect(written(simpleHeaderConverter.create({}, false), { value: { a: 1n } })).toBe('{"a":1}');
  });
});

describe('a field with a name that every object inherits', () => {
  const names = ['__proto__', 'constructor', 'toString'];
  const text = '{"__proto__":{"a":1},"constructor":{"a":1},"toString":{"a":1}}';
  const inner: ConnectSchema = {
    type: 'struct',
    optional: true,
    fields: [{ field: 'a', schema: of('int32') }],
  };
  const struct: ConnectSchema = {
    type: 'struct',
    optional: false,
    fields: names.map((field) => ({ field, schema: inner })),
  };

  it.each([
    ['plain', 'false'],
    ['with its schema', 'true'],
  ])('is carried by the JSON converter as data, %s', async (_what, enabled) => {
    const { create } = jsonConverter;
    const defaults = Object.fromEntries(jsonConverter.settings.map((each) => [each.name, each.default!]));
    const converter = create({ ...defaults, 'schemas.enable': enabled }, false);
    const given = JSON.parse(text) as unknown;
    const data = enabled === 'true' ? { schema: struct, value: given } : { value: given };
    const bytes = await converter.toBytes('t', data);
    const read = await converter.toData('t', bytes);
    expect(Object.keys(read.value as object)).toEqual(names);
    expect(Object.getPrototypeOf(read.value)).toBe(Object.prototype);
    expect(await converter.toBytes('t', read)).toEqual(bytes);
    expect(bytes?.toString()).toContain(text);
  });

  it('is null where it is absent', async () => {
    const schema = JSON.stringify({
      type: 'struct',
      fields: names.map((field) => ({ field, type: 'string', optional: true })),
    });
    const defaults = Object.fromEntries(jsonConverter.settings.map((each) => [each.name, each.default!]));
    const converter = jsonConverter.create(defaults, false);
    const { value: read } = await converter.toData('t', Buffer.from(`{"schema":${schema},"payload":{}}`));
    expect(Object.entries(read as object)).toEqual(names.map((name) => [name, null]));
  });
});
