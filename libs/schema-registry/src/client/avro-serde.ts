import avro, { type Schema, type Type } from 'avsc';
import { canonicalText } from '../avro/canonical.ts';
import { isNamed } from '../avro/avro-schema.ts';
import { parseAvro } from '../avro/parse-avro.ts';
import { selfContainedAvro } from '../schema.ts';
import type { ReferencedSchema } from '../schema-types.ts';
import type { RegisteredSchema, RegistryClient } from './registry-client.ts';

/** How the subject is named: after the topic, after the record, or after both. */
type SubjectName = 'topicName' | 'recordName' | 'topicRecordName';

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

const headerBytes = 5;

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

function subjectOf(
  { topic, isKey = false, subjectName = 'topicName' }: AvroSerdeOptions,
  name: string,
): string {
  switch (subjectName) {
    case 'topicName':
      return `${topic}-${isKey ? 'key' : 'value'}`;
    case 'recordName':
      return name;
    case 'topicRecordName':
      return `${topic}-${name}`;
  }
}

/** The schema of a writer. It has no resolver if it is the serde's own schema. */
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
    this.#type = typeOf(text, options);
    this.#header = Buffer.alloc(headerBytes);
    this.#header.writeInt32BE(id, 1);
    this.#writers.set(id, { type: this.#type });
  }

  encode(value: T): Buffer {
    try {
      return Buffer.concat([this.#header, this.#type.toBuffer(value)]);
    } catch (cause) {
      throw this.#error(wrongPart(this.#type, value) ?? (cause as Error).message, cause);
    }
  }

  decode(bytes: Uint8Array): T {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (buffer.length < headerBytes || buffer[0] !== 0)
      throw this.#error(
        'the bytes do not begin with 0 and the id of a schema, so no serializer of a registry wrote them',
      );
    const id = buffer.readInt32BE(1);
    const { type, resolver } = this.#writerOf(id);
    try {
      const contents = buffer.subarray(headerBytes);
      return (resolver ? this.#type.fromBuffer(contents, resolver) : type.fromBuffer(contents)) as T;
    } catch (cause) {
      throw this.#error(`the bytes are not of schema ${id}: ${(cause as Error).message}`, cause);
    }
  }

  #writerOf(id: number): Writer {
    const known = this.#writers.get(id);
    if (known) return known;
    const registered = this.#options.registry.schemaNow(id);
    if (registered.schemaType !== 'AVRO')
      throw this.#error(`schema ${id} is of type ${registered.schemaType}, not AVRO`);
    const type = typeOf(selfContained(registered, this.#options.registry), this.#options);
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

const nestingMax = 20;

/** Returns the text of a schema with the types that it refers to. */
function selfContained(registered: RegisteredSchema, registry: RegistryClient): string {
  const resolve = ({ references }: RegisteredSchema, depth: number): readonly ReferencedSchema[] => {
    if (depth > nestingMax) throw new AvroSerdeError(`references go deeper than ${nestingMax} schemas`);
    return references.map((reference) => {
      const found = registry.versionNow(reference);
      return { name: reference.name, text: found.schema, references: resolve(found, depth + 1) };
    });
  };
  return selfContainedAvro(registered.schema, resolve(registered, 0));
}

const typeOf = (text: string, { bigints = false }: Pick<AvroSerdeOptions, 'bigints'>): Type =>
  avro.Type.forSchema(JSON.parse(text) as Schema, bigints ? { registry: { long: longAsBigint } } : {});

const longAsBigint = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer(value: bigint) {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (left: bigint, right: bigint) => Number(left > right) - Number(left < right),
});

/** Returns a message about the first part of a value that the schema does not allow. */
function wrongPart(type: Type, value: unknown): string | undefined {
  let wrong: string | undefined;
  type.isValid(value, {
    errorHook: (path: readonly string[], part: unknown, expected: Type) => {
      wrong ??= `${path.join('.') || 'the value'} must be ${nameOf(expected)}, not ${shown(part)}`;
    },
  });
  return wrong;
}

const nameOf = (type: Type): string =>
  'name' in type && typeof type.name === 'string' ? type.name : type.typeName;

function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}n` : (JSON.stringify(value) ?? String(value));
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
