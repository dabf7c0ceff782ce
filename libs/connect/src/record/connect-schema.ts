/** Connect's primitive types (`org.apache.kafka.connect.data.Schema.Type`). */
export type PrimitiveType =
  'int8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'boolean' | 'string' | 'bytes';

interface SchemaFacts {
  readonly optional: boolean;
  /** The semantic type, such as `org.apache.kafka.connect.data.Decimal`, or the name of a struct. */
  readonly name?: string;
  readonly version?: number;
  readonly doc?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Replaces an absent value. Present only if the schema has a default. */
  readonly default?: unknown;
}

export interface PrimitiveSchema extends SchemaFacts {
  readonly type: PrimitiveType;
}

export interface ArraySchema extends SchemaFacts {
  readonly type: 'array';
  readonly items: ConnectSchema;
}

export interface MapSchema extends SchemaFacts {
  readonly type: 'map';
  readonly keys: ConnectSchema;
  readonly values: ConnectSchema;
}

export interface StructField {
  readonly field: string;
  readonly schema: ConnectSchema;
}

export interface StructSchema extends SchemaFacts {
  readonly type: 'struct';
  readonly fields: readonly StructField[];
}

/**
 * The schema of a key, of a value or of a part of it, as in Kafka Connect's data model. Schemas are
 * immutable. A task makes one schema for many records of the same shape, because converters do their work
 * once per schema object.
 */
export type ConnectSchema = PrimitiveSchema | ArraySchema | MapSchema | StructSchema;
