import { InvalidSchema, RegistryError } from './errors.ts';
import { parseSchema, type ParsedSchema } from './schema.ts';
import type { ReferencedSchema, SchemaReference } from './schema-types.ts';
import type { SchemaContent, SchemaTable } from './store/schema-table.ts';

/** A schema that a caller wants to register, look up or check. */
export interface GivenSchema {
  readonly schema: string;
  readonly schemaType?: string | undefined;
  readonly references?: readonly SchemaReference[] | undefined;
  /** The id and the version that a caller wants. They can be new in the mode IMPORT only. */
  readonly id?: number | undefined;
  readonly version?: number | undefined;
}

const referenceDepthMax = 20;

/** Parses schemas together with the schemas of the registry that they refer to. */
export class SchemaContents {
  readonly #table: Pick<SchemaTable, 'version'>;
  readonly #schemaBytesMax: number;

  constructor(table: Pick<SchemaTable, 'version'>, schemaBytesMax: number) {
    this.#table = table;
    this.#schemaBytesMax = schemaBytesMax;
  }

  /** Throws `RegistryError` if the text is too large or not a schema. */
  of(given: GivenSchema, normalize: boolean): { content: SchemaContent; parsed: ParsedSchema } {
    const { schema, schemaType = 'AVRO', references = [] } = given;
    const sizeMax = this.#schemaBytesMax;
    if (Buffer.byteLength(schema) > sizeMax)
      throw new RegistryError('tooLarge', `The schema is larger than ${sizeMax} bytes`);
    const parsed = this.parse(schemaType, schema, references);
    const text = normalize ? parsed.normalized : parsed.text;
    return { parsed, content: { schema: text, schemaType, references } };
  }

  parse(type: string, schema: string, references: readonly SchemaReference[] = []): ParsedSchema {
    if (type !== 'AVRO' && type !== 'JSON') throw new RegistryError('invalidSchema', unsupported(type));
    try {
      return parseSchema(type, schema, this.#resolved(references, 0));
    } catch (cause) {
      if (!(cause instanceof InvalidSchema)) throw cause;
      throw new RegistryError('invalidSchema', `Invalid schema of type ${type}, details: ${cause.message}`, {
        cause,
      });
    }
  }

  #resolved(references: readonly SchemaReference[], depth: number): readonly ReferencedSchema[] {
    if (depth > referenceDepthMax)
      throw new InvalidSchema(`references go deeper than ${referenceDepthMax} schemas`);
    return references.map(({ name, subject, version }) => {
      const found = this.#table.version(subject, version);
      if (!found)
        throw new InvalidSchema(
          `the reference ${name} is to version ${version} of subject ${subject}, which is not registered`,
        );
      const used = this.#resolved(found.references ?? [], depth + 1);
      return { name, text: found.schema, references: used };
    });
  }
}

const unsupported = (type: string): string =>
  type === 'PROTOBUF'
    ? "PROTOBUF is not supported here: point schema.registry.url at Confluent's registry or at Karapace"
    : `Invalid schema type ${type}: AVRO and JSON are supported`;
