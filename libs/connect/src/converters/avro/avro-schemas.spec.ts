import { describe, expect, it } from '@jest/globals';
import { avroType, canonicalText, encoded, parseAvro } from '@millrace/schema-registry/avro';
import type { ConnectSchema, PrimitiveType } from '../../record/connect-schema.ts';
import type { Nulls } from './avro-names.ts';
import { avroOfConnect } from './avro-of-connect.ts';
import { avroWriter } from './avro-writer.ts';
import { connectOfAvro } from './connect-of-avro.ts';

const of = (type: PrimitiveType, more: object = {}) => ({ type, optional: false, ...more }) as ConnectSchema;
const struct = (fields: Readonly<Record<string, ConnectSchema>>, more: object = {}): ConnectSchema => ({
  type: 'struct',
  optional: false,
  fields: Object.entries(fields).map(([field, schema]) => ({ field, schema })),
  ...more,
});
const logical = 'org.apache.kafka.connect.data';

const textOf = (schema: ConnectSchema) => canonicalText(avroOfConnect(schema));
const readerOf = (text: string) => connectOfAvro(parseAvro(text).schema, 'become defaults');

/** The bytes of a value, and what is read of them. */
function through(text: string, value: unknown, nulls: Nulls = 'become defaults') {
  const avro = parseAvro(text).schema;
  const type = avroType(canonicalText(avro), { bigints: true, namedBranches: true });
  const bytes = encoded(type, avroWriter(avro, nulls)(value));
  return { hex: bytes.toString('hex'), value: connectOfAvro(avro, nulls).read(type.fromBuffer(bytes)) };
}

const record = (fields: string, more = '') => `{"type":"record","name":"R","fields":[${fields}]${more}}`;
const connectName = (name: string) => `"connect.name":"${logical}.${name}"`;

/** Schemas and values of Connect, each with its Avro by the rules of Confluent's `AvroData`, which was not run. */
const both: ReadonlyArray<
  readonly [what: string, schema: ConnectSchema, text: string, value: unknown, hex: string]
> = [
  ['int8', of('int8'), '{"type":"int","connect.type":"int8"}', -1, '01'],
  ['int16', of('int16'), '{"type":"int","connect.type":"int16"}', 300, 'd804'],
  ['int32', of('int32'), '"int"', 70_000, 'e0c508'],
  ['int64', of('int64'), '"long"', 9_007_199_254_740_993n, '8280808080808020'],
  ['float32', of('float32'), '"float"', 1.5, '0000c03f'],
  ['float64', of('float64'), '"double"', 2.25, '0000000000000240'],
  ['boolean', of('boolean'), '"boolean"', true, '01'],
  ['string', of('string'), '"string"', 'ü', '04c3bc'],
  ['bytes', of('bytes'), '"bytes"', Buffer.from([0, 255]), '0400ff'],
  ['an optional type', of('string', { optional: true }), '["null","string"]', 'a', '020261'],
  ['null', of('string', { optional: true }), '["null","string"]', null, '00'],
  [
    'an optional type with a default',
    of('int64', { optional: true, default: 7n }),
    '[{"type":"long","connect.default":7},"null"]',
    null,
    '02',
  ],
  [
    'a decimal',
    of('bytes', { name: `${logical}.Decimal`, version: 1, parameters: { scale: '2' } }),
    `{"type":"bytes","scale":2,"precision":64,"connect.version":1,"connect.parameters":{"scale":"2"},${connectName('Decimal')},"logicalType":"decimal"}`,
    Buffer.from('fb2e', 'hex'),
    '04fb2e',
  ],
  [
    'a decimal with its precision',
    of('bytes', {
      name: `${logical}.Decimal`,
      version: 1,
      parameters: { scale: '2', 'connect.decimal.precision': '10' },
    }),
    `{"type":"bytes","scale":2,"precision":10,"connect.version":1,"connect.parameters":{"scale":"2","connect.decimal.precision":"10"},${connectName('Decimal')},"logicalType":"decimal"}`,
    Buffer.from([5]),
    '0205',
  ],
  [
    'a date',
    of('int32', { name: `${logical}.Date`, version: 1 }),
    `{"type":"int","connect.version":1,${connectName('Date')},"logicalType":"date"}`,
    19_675,
    'b6b302',
  ],
  [
    'a time',
    of('int32', { name: `${logical}.Time`, version: 1 }),
    `{"type":"int","connect.version":1,${connectName('Time')},"logicalType":"time-millis"}`,
    1,
    '02',
  ],
  [
    'a timestamp',
    of('int64', { name: `${logical}.Timestamp`, version: 1 }),
    `{"type":"long","connect.version":1,${connectName('Timestamp')},"logicalType":"timestamp-millis"}`,
    1_699_999_200_000n,
    '80ccc9fdf962',
  ],
  [
    'a semantic type of Debezium',
    of('int64', { name: 'io.debezium.time.MicroTimestamp', version: 1, doc: 'when', parameters: { k: 'v' } }),
    '{"type":"long","connect.doc":"when","connect.version":1,"connect.parameters":{"k":"v"},"connect.name":"io.debezium.time.MicroTimestamp"}',
    1n,
    '02',
  ],
  [
    'an array',
    { type: 'array', optional: false, items: of('int32') },
    '{"type":"array","items":"int"}',
    [1, 2],
    '04020400',
  ],
  [
    'a map',
    { type: 'map', optional: false, keys: of('string'), values: of('int64') },
    '{"type":"map","values":"long"}',
    new Map([['a', 1n]]),
    '0202610200',
  ],
  [
    'a map whose keys are not text',
    { type: 'map', optional: false, keys: of('int32'), values: of('string', { optional: true }) },
    '{"type":"array","items":{"type":"record","name":"MapEntry","namespace":"io.confluent.connect.avro","fields":[{"name":"key","type":"int"},{"name":"value","type":["null","string"],"default":null}]}}',
    new Map([[7, null]]),
    '020e0000',
  ],
  [
    'such a map with a name',
    { type: 'map', optional: false, name: 'shop.Pairs', keys: of('int32'), values: of('int32') },
    '{"type":"array","items":{"type":"record","name":"Pairs","namespace":"shop","fields":[{"name":"key","type":"int"},{"name":"value","type":"int"}],"connect.internal.type":"MapEntry"},"connect.name":"shop.Pairs"}',
    new Map([[1, 2]]),
    '02020400',
  ],
  [
    'a struct without a name in one without a name',
    struct({ a: struct({ x: of('int32') }), b: struct({ x: of('int32') }, { optional: true }) }),
    '{"type":"record","name":"ConnectDefault","namespace":"io.confluent.connect.avro","fields":[{"name":"a","type":{"type":"record","name":"ConnectDefault2","fields":[{"name":"x","type":"int"}]}},{"name":"b","type":["null","ConnectDefault2"],"default":null}]}',
    { a: { x: 1 }, b: { x: 2 } },
    '020204',
  ],
  [
    'a struct with a version, docs and defaults',
    struct(
      {
        id: of('int32'),
        state: of('string', { optional: true, default: 'new' }),
        rate: of('float64', { default: 1 }),
        raw: of('bytes', { default: Buffer.from([255]) }),
      },
      {
        name: 'shop.Order',
        version: 2,
        parameters: {
          'io.confluent.connect.avro.record.doc': 'an order',
          'io.confluent.connect.avro.field.doc.id': 'no',
        },
      },
    ),
    '{"type":"record","name":"Order","namespace":"shop","doc":"an order","fields":[{"name":"id","type":"int","doc":"no"},' +
      '{"name":"state","type":[{"type":"string","connect.default":"new"},"null"],"default":"new"},' +
      '{"name":"rate","type":{"type":"double","connect.default":1.0},"default":1.0},' +
      '{"name":"raw","type":{"type":"bytes","connect.default":"ÿ"},"default":"ÿ"}],"connect.version":2,' +
      '"connect.parameters":{"io.confluent.connect.avro.record.doc":"an order","io.confluent.connect.avro.field.doc.id":"no"},"connect.name":"shop.Order"}',
    { id: 1, state: 'paid', rate: 0.5, raw: Buffer.from([1]) },
    '02000870616964000000000000e03f0201',
  ],
  [
    'a union',
    struct(
      { int: of('int32', { optional: true }), string: of('string', { optional: true }) },
      { name: 'io.confluent.connect.avro.Union', optional: true },
    ),
    '["null","int","string"]',
    { int: null, string: 'a' },
    '040261',
  ],
];

describe('N48 schemas and values of Connect in Avro', () => {
  it.each(both)("follow the rules of Confluent's converter: %s", (_what, schema, text, value, hex) => {
    expect(textOf(schema)).toBe(text);
    expect(readerOf(text).schema).toEqual(schema);
    const expected = value === null && schema.default !== undefined ? schema.default : value;
    expect(through(text, value)).toEqual({ hex, value: expected });
  });

  it('define a struct once that a schema has twice, as the envelope of Debezium does', () => {
    const row = struct({ id: of('int32') }, { name: 'shop.Value', optional: true });
    const text = textOf(struct({ before: row, after: row }, { name: 'shop.Envelope' }));
    expect(text).toContain('{"name":"after","type":["null","Value"],"default":null}');
    const value = { before: null, after: { id: 1 } };
    expect(through(text, value).value).toEqual(value);
  });

  it('give a field that is null its default, as Struct.get of Kafka does', () => {
    const text = textOf(
      struct({ n: of('int32', { optional: true, default: 5 }), m: of('int32', { default: 6 }) }),
    );
    expect(through(text, { n: null }).value).toEqual({ n: 5, m: 6 });
    expect(through(text, { n: null }, 'stay').value).toEqual({ n: null, m: 6 });
  });

  it('refuse names that Avro does not allow, and two meanings of one name', () => {
    expect(() => textOf(struct({ 'a-b': of('int32') }))).toThrow(
      '/fields/0/name must be a name of letters, digits and _ that does not begin with a digit. Rename the field or type, for example with ReplaceField',
    );
    const one = struct({ a: of('int32') }, { name: 'x.A' });
    const other = struct({ a: of('string') }, { name: 'x.A' });
    expect(() => textOf(struct({ one, other }))).toThrow('defines x.A again, but differently');
  });

  it('name the part of a value that does not fit', () => {
    const text = textOf(struct({ a: struct({ n: of('int32') }) }));
    expect(() => through(text, { a: { n: 'x' } })).toThrow('a.n must be int, not "x"');
    expect(() => through(text, { a: { n: null } })).toThrow('a.n must be int, not null');
    expect(() => through(text, 7)).toThrow('the value must be');
  });
});

describe('N48 an Avro schema of another program', () => {
  const fieldOf = (type: string) => {
    const { schema } = readerOf(record(`{"name":"f","type":${type}}`));
    return (schema as Extract<ConnectSchema, { type: 'struct' }>).fields[0]?.schema;
  };

  it('gives enums and fixed types the parameters of Confluent', () => {
    expect(
      fieldOf('{"type":"enum","name":"shop.Suit","doc":"cards","symbols":["H","S"],"default":"H"}'),
    ).toEqual(
      of('string', {
        name: 'shop.Suit',
        parameters: {
          'io.confluent.connect.avro.enum.doc.Suit': 'cards',
          'io.confluent.connect.avro.enum.default.Suit': 'H',
          'io.confluent.connect.avro.Enum': 'shop.Suit',
          'io.confluent.connect.avro.Enum.H': 'H',
          'io.confluent.connect.avro.Enum.S': 'S',
        },
      }),
    );
    const fixed = of('bytes', { name: 'shop.Hash', parameters: { 'connect.fixed.size': '2' } });
    expect(fieldOf('{"type":"fixed","name":"shop.Hash","size":2}')).toEqual(fixed);
    expect(textOf(fixed)).toContain('{"type":"fixed","name":"Hash","namespace":"shop","size":2');
    expect(
      fieldOf('{"type":"fixed","name":"Money","size":8,"logicalType":"decimal","precision":9}'),
    ).toMatchObject({
      name: `${logical}.Decimal`,
      parameters: { scale: '0', 'connect.decimal.precision': '9' },
    });
  });

  it('keeps the default of a field, and marks it as one of Avro', () => {
    const text = record('{"name":"f","type":"long","default":9007199254740993}');
    expect(readerOf(text).schema).toMatchObject({
      name: 'R',
      fields: [
        {
          schema: {
            default: 9_007_199_254_740_993n,
            parameters: { 'io.confluent.connect.avro.field.default': 'true' },
          },
        },
      ],
    });
    expect(textOf(readerOf(text).schema)).toBe(
      record('{"name":"f","type":"long","default":9007199254740993}', ',"connect.name":"R"'),
    );
  });

  it('keeps attributes of other tools, and reads a record or null as the record', () => {
    expect(fieldOf('{"type":"string","avro.java.string":"String"}')).toEqual(
      of('string', { parameters: { 'avro.java.string': 'String' } }),
    );
    expect(readerOf(`["null",${record('')}]`).schema).toEqual(struct({}, { name: 'R' }));
  });

  it('gives a union of several types a struct with a field for each', () => {
    const text = record(`{"name":"f","type":["int","long",${record('').replace('"R"', '"shop.P"')}]}`);
    const none = { int: null, long: null, P: null };
    expect(through(text, { f: { ...none, long: 3n } })).toEqual({
      hex: '0206',
      value: { f: { ...none, long: 3n } },
    });
    expect(through(text, { f: { ...none, P: {} } }).value).toEqual({ f: { ...none, P: {} } });
  });

  it.each([
    ['"null"', 'allows only null'],
    [record('{"name":"next","type":["null","R"]}'), 'R is recursive, which is not supported'],
    [
      '[{"type":"record","name":"a.P","fields":[]},{"type":"record","name":"b.P","fields":[]}]',
      'two types with the same name: a.P,b.P',
    ],
  ])('is refused if Connect has nothing for it: %s', (text, message) => {
    expect(() => readerOf(text)).toThrow(message);
  });
});
