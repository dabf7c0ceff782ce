import type { ConnectSetting } from '../plugin/setting.ts';
import type { TransformKind } from '../plugin/transform.ts';
import type { ConnectSchema, StructSchema } from '../record/connect-schema.ts';
import { DataError } from '../record/data-error.ts';
import { isObject } from '../record/fields.ts';
import type { ConnectRecord, Data } from '../record/records.ts';

/** Changes the key or the value. The class of the transform names one of them after a `$`. */
type PartTransform = (data: Data, record: ConnectRecord) => Data;

interface PartTransformKind extends Pick<TransformKind, 'settings' | 'ignored'> {
  /** The class without `$Key` or `$Value`. */
  readonly class: string;
  readonly create: (config: Parameters<TransformKind['create']>[0]) => PartTransform;
}

/** Makes the two kinds of a transform that changes either the key or the value. */
export const ofKeyAndValue = ({
  class: name,
  create,
  ...kind
}: PartTransformKind): readonly TransformKind[] =>
  (['key', 'value'] as const).map((part) => ({
    ...kind,
    class: `${name}$${part === 'key' ? 'Key' : 'Value'}`,
    create(config) {
      const change = create(config);
      return {
        apply: (record) =>
          part === 'key'
            ? { ...record, key: change(record.key, record) }
            : { ...record, value: change(record.value, record) },
      };
    },
  }));

export type Fields = Readonly<Record<string, unknown>>;

/** Returns the fields of a struct or of a JSON object. */
export function fieldsOf({ schema, value }: Data, purpose: string): Fields {
  const isStruct = schema === undefined || schema.type === 'struct';
  if (isStruct && isObject(value)) return value;
  const found = schema === undefined ? (value === null ? 'null' : typeof value) : schema.type;
  throw new DataError(`Only Struct objects or maps are supported for ${purpose}, found: ${found}`);
}

export const structSchemaOf = (schema: ConnectSchema): StructSchema => {
  if (schema.type === 'struct') return schema;
  throw new DataError(`a struct is needed here, found: ${schema.type}`);
};

export function fieldSchema(schema: ConnectSchema, field: string): ConnectSchema {
  const found = structSchemaOf(schema).fields.find((one) => one.field === field);
  if (found) return found.schema;
  throw new DataError(`Field does not exist: ${field}`);
}

export const text = (name: string, doc: string, more: Partial<ConnectSetting> = {}): ConnectSetting => ({
  name,
  type: 'STRING',
  importance: 'MEDIUM',
  doc,
  ...more,
});
