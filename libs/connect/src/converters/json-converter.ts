import type { ConnectConfig } from '../plugin/setting.ts';
import type { ConnectSchema } from '../record/connect-schema.ts';
import { DataError } from '../record/data-error.ts';
import { isObject } from '../record/fields.ts';
import type { Data } from '../record/records.ts';
import { noData, remembered, type Converter, type ConverterKind } from './converter.ts';
import { jsonOfSchema, schemaOfJson } from './json-schema.ts';
import { jsonReaders, jsonWriters, parseExactly, plainJson, type JsonForm } from './json-values.ts';

/** Kafka's `JsonConverter`: plain JSON, or with `schemas.enable` an object of `schema` and `payload`. */
export const jsonConverter: ConverterKind = {
  class: 'org.apache.kafka.connect.json.JsonConverter',
  settings: [
    {
      name: 'schemas.enable',
      type: 'BOOLEAN',
      default: 'true',
      importance: 'HIGH',
      doc: 'Whether each key or value has its schema beside it.',
    },
    {
      name: 'decimal.format',
      type: 'STRING',
      default: 'BASE64',
      values: ['BASE64', 'NUMERIC'],
      importance: 'LOW',
      doc: 'Whether decimals are the base64 of their unscaled bytes, or numbers.',
    },
    {
      name: 'replace.null.with.default',
      type: 'BOOLEAN',
      default: 'true',
      importance: 'LOW',
      doc: 'Whether a field that is null and has a default gets the default.',
    },
  ],
  ignored: ['schemas.cache.size', 'schema.content'],
  create: (config) =>
    config['schemas.enable'] === 'true' ? withSchemas(formOf(config)) : withoutSchemas(formOf(config)),
};

const formOf = (config: ConnectConfig): JsonForm => ({
  numericDecimals: config['decimal.format'] === 'NUMERIC',
  nullBecomesDefault: config['replace.null.with.default'] === 'true',
});

function withoutSchemas(form: JsonForm): Converter {
  const writerOf = jsonWriters(form);
  return {
    toBytes(_topic, { schema, value }) {
      if (schema === undefined && value == null) return null;
      if (schema === undefined) return Buffer.from(plainJson(value));
      return value == null && schema.optional ? null : Buffer.from(writerOf(schema)(value));
    },
    toData: (_topic, bytes) => (bytes === null ? noData : { value: parsed(bytes.toString()) }),
  };
}

function withSchemas(form: JsonForm): Converter {
  const writerOf = jsonWriters(form);
  const headOf = remembered(
    (schema: ConnectSchema) => `{"schema":${JSON.stringify(jsonOfSchema(schema))},"payload":`,
  );
  const envelopes = new Envelopes(form);
  return {
    toBytes(_topic, { schema, value }) {
      if (schema !== undefined) return Buffer.from(`${headOf(schema)}${writerOf(schema)(value)}}`);
      return value == null ? null : Buffer.from(`{"schema":null,"payload":${plainJson(value)}}`);
    },
    toData: (_topic, bytes) => (bytes === null ? noData : envelopes.read(bytes)),
  };
}

/** The most beginnings of envelopes that are compared with a text before all of it is parsed. */
const headsMax = 16;

/**
 * Reads envelopes. Envelopes of one source begin with the same text. If the schema for that text is known,
 * only the payload is parsed.
 */
class Envelopes {
  readonly #readerOf: ReturnType<typeof jsonReaders>;
  readonly #schemaOf = remembered((text: string) => schemaOfJson(parseExactly(text)));
  #heads: ReadonlyArray<{ readonly bytes: Buffer; readonly schema: ConnectSchema }> = [];

  constructor(form: JsonForm) {
    this.#readerOf = jsonReaders(form);
  }

  read(bytes: Buffer): Data {
    // The last byte closes the envelope, unless the text is cut or goes on.
    const isClosed = bytes.at(-1) === closingBrace;
    const head = isClosed ? this.#heads.find((known) => startsWith(bytes, known.bytes)) : undefined;
    if (head === undefined) return this.#readWhole(bytes.toString());
    const payload = parsed(bytes.toString('utf8', head.bytes.length, bytes.length - 1));
    return { schema: head.schema, value: this.#readerOf(head.schema)(payload) };
  }

  #readWhole(text: string): Data {
    const envelope = parsed(text) as { readonly schema?: unknown; readonly payload?: unknown } | null;
    if (!isEnvelope(envelope)) throw new DataError(noEnvelope);
    if (envelope.schema === null) return { value: envelope.payload };
    const schemaText = plainJson(envelope.schema);
    const schema = this.#schemaOf(schemaText);
    const head = `{"schema":${schemaText},"payload":`;
    if (text.startsWith(head) && text.endsWith('}'))
      this.#heads = [{ bytes: Buffer.from(head), schema }, ...this.#heads.slice(0, headsMax - 1)];
    return { schema, value: this.#readerOf(schema)(envelope.payload) };
  }
}

const closingBrace = 0x7d;

const startsWith = (bytes: Buffer, head: Buffer): boolean =>
  bytes.length > head.length && head.compare(bytes, 0, head.length) === 0;

const isEnvelope = (json: unknown): json is { schema: unknown; payload: unknown } =>
  isObject(json) && Object.keys(json).length === 2 && 'schema' in json && 'payload' in json;

const noEnvelope =
  'JsonConverter with schemas.enable requires "schema" and "payload" fields and may not contain additional fields. ' +
  'If you are trying to deserialize plain JSON data, set schemas.enable=false in your converter configuration.';

function parsed(text: string): unknown {
  try {
    return parseExactly(text);
  } catch (error) {
    const shown = text.length > 100 ? `${text.slice(0, 100)}...` : text;
    throw new DataError(
      `Converting byte[] to Kafka Connect data failed due to serialization error: no JSON: ${shown}`,
      {
        cause: error,
      },
    );
  }
}
