/** The types without attributes of their own, in the words of the Avro specification. */
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

/** Attributes that Avro does not define, such as `logicalType`. Readers keep them. */
export type Properties = Readonly<Record<string, unknown>>;

export interface AvroName {
  readonly name: string;
  /** Undefined for a name without a namespace. */
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
  /** Present, also as null, if the field has a default. */
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
  /** Empty until the record has been read, since its fields may contain it. */
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
