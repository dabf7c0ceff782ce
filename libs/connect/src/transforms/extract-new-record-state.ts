import type { TransformKind } from '../plugin/transform.ts';
import { listOf } from '../plugin/setting.ts';
import type { ConnectSchema, StructField, StructSchema } from '../record/connect-schema.ts';
import type { ConnectHeader, ConnectRecord, Data } from '../record/records.ts';
import { fieldSchema, fieldsOf, structSchemaOf, text, type Fields } from './record-part.ts';

/** A field of the envelope and its new name. */
interface Reference {
  readonly part: string;
  readonly field: string;
  readonly name: string;
}

const deletedField: StructField = { field: '__deleted', schema: { type: 'string', optional: true } };

const deleteModes = ['drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone', 'delete-to-tombstone'];

/**
 * Debezium's `ExtractNewRecordState`. It makes the row after a change the value of the record. Records
 * without an envelope, such as heartbeats, pass unchanged.
 */
export const extractNewRecordState: TransformKind = {
  class: 'io.debezium.transforms.ExtractNewRecordState',
  settings: [
    text('delete.tombstone.handling.mode', 'What becomes of a delete and of the tombstone after it.', {
      default: 'tombstone',
      values: deleteModes,
    }),
    text('drop.tombstones', 'The setting before Debezium 3: whether tombstones are left out.', {
      type: 'BOOLEAN',
      optional: true,
    }),
    text('delete.handling.mode', 'The setting before Debezium 3: what becomes of a delete.', {
      optional: true,
      values: ['drop', 'rewrite', 'none'],
    }),
    text('add.fields', 'Fields of the envelope to add to the value, such as op,source.ts_ms:changed.', {
      type: 'LIST',
      default: '',
    }),
    text('add.fields.prefix', 'Begins their names.', { default: '__' }),
    text('add.headers', 'Fields of the envelope to add as headers.', { type: 'LIST', default: '' }),
    text('add.headers.prefix', 'Begins their names.', { default: '__' }),
    text('route.by.field', 'A column whose value becomes the topic.', { default: '' }),
  ],
  ignored: ['replace.null.with.default'],
  create(config) {
    const handling = deleteHandling(config);
    const fields = references(config['add.fields'], config['add.fields.prefix']);
    const headers = references(config['add.headers'], config['add.headers.prefix']);
    const valueSchema = schemaMaker(fields, handling.rewrites);
    const route = config['route.by.field'] ?? '';
    return {
      apply(record) {
        if (record.value.value === null) return handling.keepsTombstone ? record : undefined;
        const envelope = envelopeOf(record);
        if (envelope === undefined) return record;
        const deleted = envelope.fields['op'] === 'd';
        if (deleted && handling.drops) return undefined;
        const row = rowOf(envelope.fields, deleted);
        if (row === undefined) return undefined;
        return {
          ...record,
          topic: route === '' ? record.topic : String(row[route]),
          headers: [...record.headers, ...headersOf(envelope, headers)],
          value:
            deleted && !handling.rewrites
              ? { value: null }
              : {
                  schema: valueSchema(envelope.schema),
                  value: {
                    ...row,
                    ...Object.fromEntries(fields.map((each) => [each.name, valueOf(envelope.fields, each)])),
                    ...(handling.rewrites && { __deleted: String(deleted) }),
                  },
                },
        };
      },
    };
  },
};

interface DeleteHandling {
  readonly drops: boolean;
  readonly rewrites: boolean;
  readonly keepsTombstone: boolean;
}

function deleteHandling(config: Fields): DeleteHandling {
  const before = config['delete.handling.mode'];
  const dropped = config['drop.tombstones'];
  if (before !== undefined || dropped !== undefined)
    return {
      drops: before === undefined || before === 'drop',
      rewrites: before === 'rewrite',
      keepsTombstone: dropped === 'false',
    };
  const mode = config['delete.tombstone.handling.mode'];
  return {
    drops: mode === 'drop' || mode === 'tombstone',
    rewrites: mode === 'rewrite' || mode === 'rewrite-with-tombstone',
    keepsTombstone: mode === 'tombstone' || mode === 'rewrite-with-tombstone',
  };
}

export interface Envelope {
  readonly schema: StructSchema;
  readonly fields: Fields;
}

/** Returns the envelope of a record, which it recognises by the name of its schema. */
export function envelopeOf({ value }: ConnectRecord): Envelope | undefined {
  if (value.schema?.type !== 'struct' || value.schema.name?.endsWith('.Envelope') !== true) return undefined;
  return { schema: value.schema, fields: fieldsOf(value, 'the envelope of a change') };
}

/** Returns the row of the envelope. A truncate has none. */
const rowOf = (envelope: Fields, deleted: boolean): Fields | undefined =>
  (envelope[deleted ? 'before' : 'after'] as Fields | null) ?? undefined;

/** A field without a part is looked up in the envelope, and then in `source`. */
function references(list: string | undefined, prefix = '__'): readonly Reference[] {
  return listOf(list).map((entry) => {
    const [path = '', renamed] = entry.split(':');
    const [first = '', second] = path.split('.');
    if (second === undefined)
      return {
        part: /^(op|ts_ms|ts_us|ts_ns)$/.test(first) ? '' : 'source',
        field: first,
        name: prefix + (renamed ?? first),
      };
    return { part: first, field: second, name: prefix + (renamed ?? `${first}_${second}`) };
  });
}

function valueOf(envelope: Fields, { part, field }: Reference): unknown {
  const struct = part === '' ? envelope : (envelope[part] as Fields | null);
  return struct?.[field] ?? null;
}

function schemaOf(envelope: ConnectSchema, { part, field }: Reference): ConnectSchema {
  const schema = fieldSchema(part === '' ? envelope : fieldSchema(envelope, part), field);
  return { ...schema, optional: true };
}

function headersOf({ schema, fields }: Envelope, headers: readonly Reference[]): readonly ConnectHeader[] {
  return headers.map((each) => ({
    key: each.name,
    schema: schemaOf(schema, each),
    value: valueOf(fields, each),
  }));
}

/** Makes the schema of the values, once for each schema of envelopes. */
function schemaMaker(
  fields: readonly Reference[],
  rewrites: boolean,
): (envelope: StructSchema) => Data['schema'] {
  const made = new WeakMap<ConnectSchema, ConnectSchema>();
  return (envelope) => {
    const known = made.get(envelope);
    if (known !== undefined) return known;
    const row = structSchemaOf(fieldSchema(envelope, 'after'));
    const schema: StructSchema = {
      ...row,
      optional: false,
      fields: [
        ...row.fields,
        ...fields.map((each) => ({ field: each.name, schema: schemaOf(envelope, each) })),
        ...(rewrites ? [deletedField] : []),
      ],
    };
    made.set(envelope, schema);
    return schema;
  };
}
