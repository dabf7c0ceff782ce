export type SchemaType = 'AVRO' | 'JSON';

/** A reference to another schema. Avro names the type by its full name, and JSON Schema by its `$ref`. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

export interface ReferencedSchema {
  readonly name: string;
  readonly text: string;
  readonly references: readonly ReferencedSchema[];
}

/** Whether a schema is the older or the newer one of two, which messages mention. */
export type Age = 'old' | 'new';
