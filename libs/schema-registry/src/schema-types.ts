export type SchemaType = 'AVRO' | 'JSON';

/** Another schema that a schema uses: an Avro type by its full name, a JSON Schema by its `$ref`. */
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

/** Which of two schemas is the older one, for messages. */
export type Age = 'old' | 'new';
