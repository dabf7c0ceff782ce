import { canonicalText, normalizedText } from './avro/canonical.ts';
import { avroDifferences } from './avro/differences.ts';
import type { NamedTypes } from './avro/avro-schema.ts';
import { parseAvro } from './avro/parse-avro.ts';
import { InvalidSchema } from './errors.ts';
import { parseJsonSchema } from './json/json-schema.ts';
import { jsonDifferences } from './json/json-differences.ts';
import type { Age, ReferencedSchema, SchemaType } from './schema-types.ts';

/** A schema that was parsed. */
export interface ParsedSchema {
  readonly type: SchemaType;
  /** The text that the registry keeps. */
  readonly text: string;
  /** The text that the registry keeps with `normalize=true`. */
  readonly normalized: string;
  /**
   * Returns the parts of another schema's data that this schema cannot read, in the words of Confluent's
   * registry. `age` is the age of this schema.
   */
  cannotRead(writer: ParsedSchema, age: Age): readonly string[];
}

/** Throws `InvalidSchema` for a text that is not a schema of the type. */
export function parseSchema(
  type: SchemaType,
  text: string,
  references: readonly ReferencedSchema[] = [],
): ParsedSchema {
  return type === 'AVRO' ? new Avro(text, references) : new JsonSchema(text, references);
}

class Avro implements ParsedSchema {
  readonly type = 'AVRO';
  readonly text: string;
  readonly normalized: string;
  readonly #schema;

  constructor(text: string, references: readonly ReferencedSchema[]) {
    const known = namesOf(references);
    this.#schema = parseAvro(text, known).schema;
    this.text = canonicalText(this.#schema, known);
    this.normalized = normalizedText(this.#schema, known);
  }

  cannotRead(writer: ParsedSchema, age: Age): readonly string[] {
    if (!(writer instanceof Avro)) return [typeChanged];
    try {
      return avroDifferences(this.#schema, writer.#schema, age);
    } catch (error) {
      if (error instanceof InvalidSchema) return [error.message];
      throw error;
    }
  }
}

/** Returns the types that references define, and the types that those use in turn. */
function namesOf(references: readonly ReferencedSchema[], known: NamedTypes = new Map()): NamedTypes {
  let names = known;
  for (const { text, references: used } of references) names = parseAvro(text, namesOf(used, names)).names;
  return names;
}

/** Returns an Avro schema as a text that needs no references. */
export const selfContainedAvro = (text: string, references: readonly ReferencedSchema[]): string =>
  canonicalText(parseAvro(text, namesOf(references)).schema);

class JsonSchema implements ParsedSchema {
  readonly type = 'JSON';
  readonly text: string;
  readonly normalized: string;
  readonly #schema;

  constructor(text: string, references: readonly ReferencedSchema[]) {
    const { schema, text: kept, normalized } = parseJsonSchema(text, references);
    this.#schema = schema;
    this.text = kept;
    this.normalized = normalized;
  }

  cannotRead(writer: ParsedSchema): readonly string[] {
    if (!(writer instanceof JsonSchema)) return [typeChanged];
    return jsonDifferences(this.#schema, writer.#schema).map(
      ({ type, path, description }) => `{errorType:'${type}', description:'${description}', path:'${path}'}`,
    );
  }
}

const typeChanged = 'the type of the schema has changed; a subject keeps one type';
