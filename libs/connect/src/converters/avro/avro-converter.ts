import {
  avroText,
  headerBytes,
  headerOf,
  RegistryCallError,
  RegistryClient,
  schemaIdOf,
  type RegisteredSchema,
} from '@millrace/schema-registry';
import { avroType, canonicalText, encoded, parseAvro, type AvroSchema } from '@millrace/schema-registry/avro';
import { RetriableConnectError } from '../../plugin/connect-error.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';
import type { ConnectSchema } from '../../record/connect-schema.ts';
import { DataError } from '../../record/data-error.ts';
import type { Data } from '../../record/records.ts';
import { noData, type Converter, type ConverterKind, type MaybePromise } from '../converter.ts';
import type { Nulls } from './avro-names.ts';
import { avroOfConnect } from './avro-of-connect.ts';
import { avroSettings, registryOf, subjectFor } from './avro-settings.ts';
import { avroWriter } from './avro-writer.ts';
import { connectOfAvro } from './connect-of-avro.ts';

/** Confluent's converter for Avro: each value has the id of its schema, which a registry keeps. */
export const avroConverter: ConverterKind = {
  class: 'io.confluent.connect.avro.AvroConverter',
  settings: avroSettings,
  ignored: [
    'schemas.enable',
    'schemas.cache.config',
    'schemas.cache.size',
    'max.schemas.per.subject',
    'latest.compatibility.strict',
  ],
  create: (config, isKey) => new AvroConverter(config, isKey),
};

type Encode = (value: unknown) => Buffer;
type Decode = (bytes: Buffer) => Data;

/** How many schemas a converter keeps, each with its encoding. */
const schemasMax = 1_000;

class AvroConverter implements Converter {
  readonly #config: ConnectConfig;
  readonly #isKey: boolean;
  readonly #registry: RegistryClient;
  readonly #nulls: Nulls;
  /** By topic, since a schema may have another subject, and another latest version, in each. */
  readonly #encodes = new Map<ConnectSchema, Map<string, Encode>>();
  #encodesKept = 0;
  readonly #decodes = new Map<number, Decode>();

  constructor(config: ConnectConfig, isKey: boolean) {
    this.#config = config;
    this.#isKey = isKey;
    this.#nulls = config['ignore.default.for.nullables'] === 'true' ? 'stay' : 'become defaults';
    this.#registry = new RegistryClient(registryOf(config));
  }

  toBytes(topic: string, { schema, value }: Data): MaybePromise<Buffer | null> {
    if (value == null && (schema?.optional ?? true)) return null;
    if (schema === undefined)
      throw new DataError(
        'a value without a schema cannot be written as Avro: give the source one, or use JsonConverter',
      );
    const encode = this.#encodes.get(schema)?.get(topic);
    return encode ? encode(value) : this.#encodeOf(topic, schema).then((known) => known(value));
  }

  toData(_topic: string, bytes: Buffer | null): MaybePromise<Data> {
    if (bytes === null) return noData;
    const id = schemaIdOf(bytes);
    if (typeof id === 'string') throw new DataError(id);
    const decode = this.#decodes.get(id);
    return decode ? decode(bytes) : this.#decodeOf(id).then((known) => known(bytes));
  }

  async #encodeOf(topic: string, schema: ConnectSchema): Promise<Encode> {
    const own = avroOfConnect(schema);
    const { id, avro } = await this.#callRegistry(() => this.#writerSchema(this.#subjectOf(topic, own), own));
    const type = typeOf(avro, id);
    const write = avroWriter(avro, this.#nulls);
    const header = headerOf(id);
    const encode: Encode = (value) => {
      try {
        return Buffer.concat([header, encoded(type, write(value))]);
      } catch (cause) {
        throw new DataError(`the value does not fit schema ${id}: ${(cause as Error).message}`, { cause });
      }
    };
    this.#encodesKept += 1;
    if (this.#encodesKept > schemasMax) {
      this.#encodes.clear();
      this.#encodesKept = 1;
    }
    this.#encodes.set(schema, (this.#encodes.get(schema) ?? new Map<string, Encode>()).set(topic, encode));
    return encode;
  }

  #subjectOf(topic: string, own: AvroSchema): string {
    return subjectFor({ topic, isKey: this.#isKey, config: this.#config }, own);
  }

  /** The schema that values are written with, by its id. */
  async #writerSchema(subject: string, own: AvroSchema): Promise<{ id: number; avro: AvroSchema }> {
    const schema = canonicalText(own);
    if (this.#config['auto.register.schemas'] === 'true')
      return { id: await this.#registry.register(subject, { schema }), avro: own };
    if (this.#config['use.latest.version'] !== 'true')
      return { id: (await this.#registry.lookUp(subject, { schema })).id, avro: own };
    const latest = await this.#registry.version(subject, 'latest');
    return { id: latest.id, avro: await this.#parsed(latest) };
  }

  async #decodeOf(id: number): Promise<Decode> {
    const avro = await this.#callRegistry(async () => this.#parsed(await this.#registry.schema(id)));
    const type = typeOf(avro, id);
    const { schema, read } = connectOfAvro(avro, this.#nulls);
    const decode: Decode = (bytes) => {
      try {
        return { schema, value: read(type.fromBuffer(bytes.subarray(headerBytes))) };
      } catch (cause) {
        throw new DataError(`the bytes do not match schema ${id}: ${(cause as Error).message}`, { cause });
      }
    };
    if (this.#decodes.size >= schemasMax) this.#decodes.clear();
    this.#decodes.set(id, decode);
    return decode;
  }

  async #parsed(registered: RegisteredSchema): Promise<AvroSchema> {
    if (registered.schemaType !== 'AVRO')
      throw new DataError(`the schema is of type ${registered.schemaType}, not AVRO`);
    return parseAvro(await avroText(registered, this.#registry)).schema;
  }

  /** Calls the registry. A registry that is away makes the conversion wait for `errors.retry.timeout`. */
  async #callRegistry<Result>(call: () => Promise<Result>): Promise<Result> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof RegistryCallError)) throw error;
      const { message, mayPass } = error;
      if (!mayPass) throw new DataError(`the schema registry refuses: ${message}`, { cause: error });
      throw new RetriableConnectError(`${message}. errors.retry.timeout says how long to wait for it`, {
        cause: error,
      });
    }
  }
}

function typeOf(avro: AvroSchema, id: number): ReturnType<typeof avroType> {
  try {
    return avroType(canonicalText(avro), { bigints: true, namedBranches: true });
  } catch (cause) {
    throw new DataError(`schema ${id} cannot be used: ${(cause as Error).message}`, { cause });
  }
}
