import type { ConnectSchema } from '../record/connect-schema.ts';
import { DataError } from '../record/data-error.ts';
import type { Data } from '../record/records.ts';
import { noData, optionalBytes, optionalString, type ConverterKind } from './converter.ts';
import { plainJson } from './json-values.ts';

const encodings: ReadonlySet<string> = new Set(['utf-8', 'utf8']);

const encoding = {
  name: 'converter.encoding',
  type: 'STRING',
  default: 'UTF-8',
  importance: 'HIGH',
  doc: 'The encoding of the text: UTF-8.',
  check: (value: string) =>
    encodings.has(value.toLowerCase()) ? undefined : `only UTF-8 is supported, not ${value}`,
} as const;

/** Writes text as it is, and other data as the text that Java's `toString` returns. */
export const stringConverter: ConverterKind = {
  class: 'org.apache.kafka.connect.storage.StringConverter',
  settings: [encoding],
  create: () => ({
    toBytes: (_topic, { schema, value }) => (value == null ? null : Buffer.from(javaText(value, schema))),
    toData: (_topic, bytes) => ({ schema: optionalString, value: bytes === null ? null : bytes.toString() }),
  }),
};

/** Passes bytes on as they are. */
export const byteArrayConverter: ConverterKind = {
  class: 'org.apache.kafka.connect.converters.ByteArrayConverter',
  settings: [],
  create: () => ({
    toBytes(_topic, { schema, value }) {
      if (value == null) return null;
      if (value instanceof Uint8Array) return Buffer.from(value);
      const type = schema?.type ?? typeof value;
      throw new DataError(`Invalid schema type for ByteArrayConverter: ${type}`);
    },
    toData: (_topic, bytes) => ({ schema: optionalBytes, value: bytes }),
  }),
};

/**
 * The default converter of headers. It writes what Kafka's does. It reads every header as text, while Kafka's
 * guesses a type.
 */
export const simpleHeaderConverter: ConverterKind = {
  class: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  settings: [],
  create: () => ({
    toBytes: (_topic, { value }) =>
      value == null ? null : Buffer.from(typeof value === 'string' ? value : plainJson(value)),
    toData: (_topic, bytes): Data =>
      bytes === null ? noData : { schema: optionalString, value: bytes.toString() },
  }),
};

function javaText(value: unknown, schema: ConnectSchema | undefined): string {
  if (value === null || value === undefined) return 'null';
  if (schema?.type === 'struct') {
    const struct = value as Readonly<Record<string, unknown>>;
    const fields = schema.fields.filter(({ field }) => struct[field] != null);
    return `Struct{${fields.map(({ field, schema: inner }) => `${field}=${javaText(struct[field], inner)}`).join(',')}}`;
  }
  if (typeof value === 'object') return plainJson(value);
  return String(value);
}
