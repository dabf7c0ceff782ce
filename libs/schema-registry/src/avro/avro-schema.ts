/** The types without attributes of their own, as the Avro specification names them. */
export const primitiveTypes = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const;
export type PrimitiveType = (typeof primitiveTypes)[number];

/** Attributes that Avro does not define, such as `logicalType`. Parsers keep them. */
export type Properties = Readonly<Record<string, unknown>>;

export interface AvroName {
  readonly name: string;
  /** The namespace, or undefined for a name without one. */
  readonly namespace: string | undefined;
  /** The namespace and the name. */
  readonly full: string;
}

interface Named {
  readonly name: AvroName;
  readonly aliases: readonly AvroName[];
  readonly doc?: string;
  readonly properties: Properties;
}

export interface AvroField {
  readonly name: string;
  readonly schema: AvroSchema;
  readonly doc?: string;
  /** Present if the field has a default, which may be null. */
  readonly defaultValue?: { readonly value: unknown };
  readonly order?: 'descending' | 'ignore';
  readonly aliases: readonly string[];
  readonly properties: Properties;
}

interface AvroPrimitive {
  readonly type: PrimitiveType;
  readonly properties: Properties;
}
export interface AvroRecord extends Named {
  readonly type: 'record';
  readonly isError: boolean;
  /** Empty while the record is being read, because its fields may contain the record itself. */
  fields: readonly AvroField[];
}
export interface AvroEnum extends Named {
  readonly type: 'enum';
  readonly symbols: readonly string[];
  readonly defaultSymbol?: string;
}
export interface AvroFixed extends Named {
  readonly type: 'fixed';
  readonly size: number;
}
interface AvroArray {
  readonly type: 'array';
  readonly items: AvroSchema;
  readonly properties: Properties;
}
interface AvroMap {
  readonly type: 'map';
  readonly values: AvroSchema;
  readonly properties: Properties;
}
export interface AvroUnion {
  readonly type: 'union';
  readonly branches: readonly AvroSchema[];
}

export type NamedAvroSchema = AvroRecord | AvroEnum | AvroFixed;
export type AvroSchema = AvroPrimitive | NamedAvroSchema | AvroArray | AvroMap | AvroUnion;

/** Named types by their full names. */
export type NamedTypes = ReadonlyMap<string, NamedAvroSchema>;

/** Whether the type is a record, an enum or a fixed type. */
export const isNamed = (schema: AvroSchema): schema is NamedAvroSchema => 'name' in schema;
