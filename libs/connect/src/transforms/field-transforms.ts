import { listOf } from '../plugin/setting.ts';
import type { TransformKind } from '../plugin/transform.ts';
import type { ConnectSchema, StructSchema } from '../record/connect-schema.ts';
import { DataError } from '../record/data-error.ts';
import { remembered } from '../converters/converter.ts';
import { fieldIn, setField } from '../record/fields.ts';
import type { ConnectRecord, Data } from '../record/records.ts';
import { fieldSchema, fieldsOf, ofKeyAndValue, structSchemaOf, text, type Fields } from './record-part.ts';

const transforms = 'org.apache.kafka.connect.transforms';

const nullBecomesDefault = text(
  'replace.null.with.default',
  'Whether a null field with a default becomes the default.',
  {
    type: 'BOOLEAN',
    default: 'true',
  },
);

/** Replaces a struct by one of its fields. */
export const extractField = ofKeyAndValue({
  class: `${transforms}.ExtractField`,
  settings: [text('field', 'The field to extract.', { importance: 'HIGH' }), nullBecomesDefault],
  ignored: ['field.syntax.version'],
  create(config) {
    const field = config['field']!;
    const schemaOf = remembered((schema: ConnectSchema) => fieldSchema(schema, field));
    const valueOf = (data: Data) =>
      data.value === null ? null : (fieldIn(fieldsOf(data, 'field extraction'), field) ?? null);
    return (data) => {
      if (data.schema === undefined) return { value: valueOf(data) };
      return { schema: schemaOf(data.schema), value: valueOf(data) };
    };
  },
});

/** Builds the key from fields of the value. */
export const valueToKey: TransformKind = {
  class: `${transforms}.ValueToKey`,
  settings: [
    text('fields', 'The fields of the value that make the key.', { type: 'LIST', importance: 'HIGH' }),
    nullBecomesDefault,
  ],
  create(config) {
    const names = listOf(config['fields']);
    const schemaOf = remembered((schema: ConnectSchema): StructSchema => ({
      type: 'struct',
      optional: false,
      fields: names.map((field) => ({ field, schema: fieldSchema(schema, field) })),
    }));
    return {
      apply(record) {
        const fields = fieldsOf(record.value, 'copying fields from value to key');
        const value = Object.fromEntries(names.map((name) => [name, fieldIn(fields, name) ?? null]));
        const { schema } = record.value;
        return { ...record, key: schema === undefined ? { value } : { schema: schemaOf(schema), value } };
      },
    };
  },
};

interface Inserted {
  readonly field: string;
  readonly schema: ConnectSchema;
  readonly value: (record: ConnectRecord, isPlain: boolean) => unknown;
}

const string: ConnectSchema = { type: 'string', optional: false };
const optionalInt32: ConnectSchema = { type: 'int32', optional: true };
const optionalTimestamp: ConnectSchema = {
  type: 'int64',
  optional: true,
  name: 'org.apache.kafka.connect.data.Timestamp',
  version: 1,
};

/** Adds fields whose value comes from the record or from the setting. */
export const insertField = ofKeyAndValue({
  class: `${transforms}.InsertField`,
  settings: [
    ...['topic', 'partition', 'offset', 'timestamp', 'static'].map((what) =>
      text(
        `${what}.field`,
        `The name of a field for the ${what === 'static' ? 'static value' : what}; ! makes it required.`,
        { optional: true },
      ),
    ),
    text('static.value', 'The value of the static field.', { optional: true }),
    nullBecomesDefault,
  ],
  create(config) {
    const inserted = insertedBy(config);
    const schemaOf = remembered((schema: ConnectSchema): StructSchema => {
      const struct = structSchemaOf(schema);
      return {
        ...struct,
        fields: [...struct.fields, ...inserted.map(({ field, schema: own }) => ({ field, schema: own }))],
      };
    });
    return (data, record) => {
      if (data.value === null) return data;
      const isPlain = data.schema === undefined;
      const value: Record<string, unknown> = { ...fieldsOf(data, 'field insertion') };
      for (const one of inserted) setField(value, one.field, one.value(record, isPlain));
      return isPlain ? { value } : { schema: schemaOf(data.schema!), value };
    };
  },
});

function insertedBy(config: Readonly<Record<string, string>>): readonly Inserted[] {
  const wanted = (setting: string, schema: ConnectSchema, value: Inserted['value']): readonly Inserted[] => {
    const spec = config[setting];
    if (spec === undefined) return [];
    const optional = !spec.endsWith('!');
    return [{ field: spec.replace(/[!?]$/, ''), schema: { ...schema, optional }, value }];
  };
  return [
    ...wanted('topic.field', string, ({ topic }) => topic),
    ...wanted('partition.field', optionalInt32, ({ partition }) => partition ?? null),
    ...wanted('offset.field', { type: 'int64', optional: true }, (record) => originOffset(record)),
    ...wanted('timestamp.field', optionalTimestamp, ({ timestampMs }, isPlain) =>
      timestampMs === undefined ? null : isPlain ? timestampMs : BigInt(timestampMs),
    ),
    ...wanted('static.field', string, () => config['static.value'] ?? null),
  ];
}

function originOffset(record: ConnectRecord): bigint {
  const { origin } = record as { readonly origin?: { readonly offset: bigint } };
  if (origin) return origin.offset;
  throw new DataError('Offset insertion is only supported for sink connectors');
}

/** Removes and renames fields. */
export const replaceField = ofKeyAndValue({
  class: `${transforms}.ReplaceField`,
  settings: [
    text('exclude', 'The fields to leave out.', { type: 'LIST', default: '' }),
    text('include', 'The only fields to keep. Empty: all.', { type: 'LIST', default: '' }),
    text('blacklist', 'The old name of exclude.', { type: 'LIST', default: '', importance: 'LOW' }),
    text('whitelist', 'The old name of include.', { type: 'LIST', default: '', importance: 'LOW' }),
    text('renames', 'The new names, as old:new,...', {
      type: 'LIST',
      default: '',
      check: (value) =>
        listOf(value).every((one) => /^[^:]+:[^:]+$/.test(one))
          ? undefined
          : `Invalid rename mapping: ${value}; write old:new,...`,
    }),
    nullBecomesDefault,
  ],
  create(config) {
    const newNames = new Map(listOf(config['renames']).map((one) => one.split(':', 2) as [string, string]));
    const excluded = new Set([...listOf(config['exclude']), ...listOf(config['blacklist'])]);
    const included = new Set([...listOf(config['include']), ...listOf(config['whitelist'])]);
    const isKept = (field: string) => !excluded.has(field) && (included.size === 0 || included.has(field));
    const nameOf = (field: string) => newNames.get(field) ?? field;
    const schemaOf = remembered((schema: ConnectSchema): StructSchema => {
      const struct = structSchemaOf(schema);
      const fields = struct.fields
        .filter(({ field }) => isKept(field))
        .map(({ field, schema: own }) => ({ field: nameOf(field), schema: own }));
      return { ...struct, fields };
    });
    const replaced = (fields: Fields) => {
      const value: Record<string, unknown> = {};
      for (const field in fields) if (isKept(field)) setField(value, nameOf(field), fields[field]);
      return value;
    };
    return (data) => {
      if (data.value === null) return data;
      const value = replaced(fieldsOf(data, 'field replacement'));
      return data.schema === undefined ? { value } : { schema: schemaOf(data.schema), value };
    };
  },
});
