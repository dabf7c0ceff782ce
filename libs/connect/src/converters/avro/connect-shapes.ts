import { isNamed, type AvroEnum, type AvroSchema, type AvroUnion } from '@millrace/schema-registry/avro';
import type { ConnectSchema, PrimitiveType } from '../../record/connect-schema.ts';
import { valueOfDefault } from './avro-defaults.ts';
import {
  logicalTypes,
  namespace,
  parameters,
  precisionByDefault,
  properties,
  unnamedRecord,
} from './avro-names.ts';

/** Whether the type is optional, and the default of its field. */
export interface Place {
  readonly optional: boolean;
  /** The default of the field, as JSON. */
  readonly byDefault?: unknown;
}

const primitives: Readonly<Record<string, PrimitiveType>> = {
  boolean: 'boolean',
  int: 'int32',
  long: 'int64',
  float: 'float32',
  double: 'float64',
  string: 'string',
  bytes: 'bytes',
  fixed: 'bytes',
};

export function primitiveShape(avro: Exclude<AvroSchema, AvroUnion>) {
  const { logicalType, scale, precision, [properties.type]: small } = avro.properties;
  const type = primitives[avro.type];
  const fixed = avro.type === 'fixed' ? { [parameters.fixedSize]: String(avro.size) } : {};
  const [name] =
    Object.entries(logicalTypes).find(
      ([, each]) => each.logicalType === logicalType && each.types.includes(avro.type),
    ) ?? [];
  if (name === undefined) {
    const isSmall = logicalType === undefined && (small === 'int8' || small === 'int16');
    return { type: avro.type === 'int' && isSmall ? small : type, parameters: fixed };
  }
  const decimal = logicalType === 'decimal' && {
    scale: String(scale ?? 0),
    ...(precision !== undefined &&
      precision !== precisionByDefault && { [parameters.precision]: String(precision) }),
  };
  return { type, name, version: 1, parameters: { ...decimal, ...fixed } };
}

export const enumShape = ({ name, doc, defaultSymbol, symbols }: AvroEnum) => ({
  type: 'string',
  parameters: {
    [parameters.enumDoc + name.name]: doc,
    [parameters.enumDefault + name.name]: defaultSymbol,
    [parameters.enum]: name.full,
    ...Object.fromEntries(symbols.map((symbol) => [`${parameters.enum}.${symbol}`, symbol])),
  },
});

/** Completes a shape with name, version, doc, parameters and default. */
export function annotated(
  avro: Exclude<AvroSchema, AvroUnion>,
  shape: object,
  { optional, byDefault }: Place,
): ConnectSchema {
  const given = avro.properties;
  const json = byDefault ?? given[properties.default];
  const isFieldDefault = byDefault != null && given[properties.default] === undefined;
  const all = present({
    ...('parameters' in shape && (shape.parameters as object)),
    ...(given[properties.parameters] as object | undefined),
    ...Object.fromEntries(Object.entries(given).filter(([name]) => name.startsWith('avro'))),
    ...(isFieldDefault && { [parameters.fieldDefault]: 'true' }),
  });
  const schema = present({
    name: given[properties.name] ?? nameOf(avro),
    version: given[properties.version],
    doc: given[properties.doc],
    ...shape,
    optional,
    parameters: Object.keys(all).length === 0 ? undefined : all,
  }) as unknown as ConnectSchema;
  return json == null ? schema : { ...schema, default: valueOfDefault(schema, json) };
}

/** The name of a type, unless it stands for none. */
function nameOf(avro: AvroSchema): string | undefined {
  if (!isNamed(avro) || avro.name.full.startsWith(`${namespace}.${unnamedRecord}`)) return undefined;
  return avro.name.full;
}

const present = (facts: object) =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
