import { canonicalText, normalizedText } from './avro/canonical.ts';
import { avroDifferences } from './avro/differences.ts';
import type { NamedTypes } from './avro/avro-schema.ts';
import { parseAvro } from './avro/parse-avro.ts';
import { InvalidSchema } from './errors.ts';
import { parseJsonSchema } from './json/json-schema.ts';
import { jsonDifferences } from './json/json-differences.ts';
import type { Age, ReferencedSchema, SchemaType } from './schema-types.ts';

/** The text of a schema that was read. */
export interface ParsedSchema {
  readonly type: SchemaType;
  /** The text that the registry keeps. */
  readonly text: string;
  /** The text that it keeps with `normalize=true`. */
  readonly normalized: string;
  /**
   * What this schema cannot read of the data of another one, in the words of Confluent's registry.
   * `age` is its own.
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

/** The types that references define, those that they use included. */
function namesOf(references: readonly ReferencedSchema[], known: NamedTypes = new Map()): NamedTypes {
  let names = known;
  for (const { text, references: used } of references) names = parseAvro(text, namesOf(used, names)).names;
  return names;
}

/** The text of an Avro schema that needs no references any more. */
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
