import type { Type } from 'avsc';
import { avroType, encoded } from '../avro/binary.ts';
import { canonicalText } from '../avro/canonical.ts';
import { isNamed } from '../avro/avro-schema.ts';
import { parseAvro } from '../avro/parse-avro.ts';
import type { RegistryClient } from './registry-client.ts';
import { avroTextNow } from './referenced-types.ts';
import { headerBytes, headerOf, schemaIdOf, subjectOf, type SubjectName } from './wire-format.ts';

export interface AvroSerdeOptions {
  readonly registry: RegistryClient;
  /** The schema with which values are written, and as which they are read. */
  readonly schema: string;
  readonly topic: string;
  /** True for a serde of the topic's keys. */
  readonly isKey?: boolean;
  readonly subjectName?: SubjectName;
  /** Whether to register the schema if the subject does not have it. The default is true. */
  readonly autoRegister?: boolean;
  /**
   * Whether a `long` becomes a bigint. By default it becomes a number, and the serde refuses one beyond 2^53.
   */
  readonly bigints?: boolean;
}

/**
 * Encodes and decodes values in the format of Confluent's serializers: a zero byte, the id of the writer's
 * schema in four bytes, and the value in Avro's binary encoding. It is a `Serde` of `@millrace/streams`, and
 * works with any client.
 */
export interface AvroSerde<T> {
  /** The id of the schema with which values are written. */
  readonly id: number;
  /** Throws `AvroSerdeError`, which names the field, for a value that the schema does not allow. */
  encode(value: T): Buffer;
  /**
   * Decodes a value of any schema that the serde's own schema can read. The process waits for the registry
   * once for each new schema.
   */
  decode(bytes: Uint8Array): T;
}

/** A value or bytes that do not fit the schema. The message names the topic and the field. */
export class AvroSerdeError extends Error {
  override readonly name = 'AvroSerdeError';
}

type Resolver = ReturnType<Type['createResolver']>;

/**
 * Registers the schema, or looks it up, and returns its serde. Rejects with `RegistryCallError` if
 * the registry refuses the schema, for example because earlier readers could not read it.
 */
export async function avroSerde<T>(options: AvroSerdeOptions): Promise<AvroSerde<T>> {
  const { registry, autoRegister = true } = options;
  const { schema } = parseAvro(options.schema);
  const text = canonicalText(schema);
  const fullName = isNamed(schema) ? schema.name.full : schema.type;
  const subject = subjectOf(options, fullName);
  const id = autoRegister
    ? await registry.register(subject, { schema: text })
    : (await registry.lookUp(subject, { schema: text })).id;
  return new SchemaSerde<T>(options, id, text);
}

/** A schema that values were written with. There is no resolver if it is the serde's own. */
interface Writer {
  readonly type: Type;
  readonly resolver?: Resolver;
}

class SchemaSerde<T> implements AvroSerde<T> {
  readonly id: number;
  readonly #options: AvroSerdeOptions;
  readonly #type: Type;
  readonly #header: Buffer;
  readonly #writers = new Map<number, Writer>();

  constructor(options: AvroSerdeOptions, id: number, text: string) {
    this.id = id;
    this.#options = options;
    this.#type = avroType(text, options);
    this.#header = headerOf(id);
    this.#writers.set(id, { type: this.#type });
  }

  encode(value: T): Buffer {
    try {
      return Buffer.concat([this.#header, encoded(this.#type, value)]);
    } catch (cause) {
      throw this.#error((cause as Error).message, cause);
    }
  }

  decode(bytes: Uint8Array): T {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const id = schemaIdOf(buffer);
    if (typeof id === 'string') throw this.#error(id);
    const { type, resolver } = this.#writerOf(id);
    try {
      const contents = buffer.subarray(headerBytes);
      return (resolver ? this.#type.fromBuffer(contents, resolver) : type.fromBuffer(contents)) as T;
    } catch (cause) {
      throw this.#error(`the bytes do not match schema ${id}: ${(cause as Error).message}`, cause);
    }
  }

  #writerOf(id: number): Writer {
    const known = this.#writers.get(id);
    if (known) return known;
    const registered = this.#options.registry.schemaNow(id);
    if (registered.schemaType !== 'AVRO')
      throw this.#error(`schema ${id} is of type ${registered.schemaType}, not AVRO`);
    const type = avroType(avroTextNow(registered, this.#options.registry), this.#options);
    const writer = { type, resolver: this.#resolverFor(id, type) };
    this.#writers.set(id, writer);
    return writer;
  }

  #resolverFor(id: number, writer: Type): Resolver {
    try {
      return this.#type.createResolver(writer);
    } catch (cause) {
      throw this.#error(
        `data of schema ${id} cannot be read as this schema: ${(cause as Error).message}`,
        cause,
      );
    }
  }

  #error(problem: string, cause?: unknown): AvroSerdeError {
    const { topic, isKey } = this.#options;
    return new AvroSerdeError(`the ${isKey ? 'key' : 'value'} of a record of ${topic}: ${problem}`, {
      cause,
    });
  }
}
