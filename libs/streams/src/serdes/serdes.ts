import { double, integer, long, safeLong } from './number-serdes.ts';
import { type Serde, SerdeError, checkLength } from './serde.ts';
import { sessionWindowed, timeWindowed } from './windowed-serdes.ts';

/** The bytes as they are. */
const bytes: Serde<Uint8Array> = Object.freeze({
  encode(value: Uint8Array, topic: string) {
    if (!(value instanceof Uint8Array))
      throw new SerdeError('bytes', topic, `${String(value)} is not a Uint8Array`);
    return value;
  },
  decode: (value: Uint8Array) => value,
});

/** One byte, 0 or 1, as Kafka's `BooleanSerializer`. */
const boolean: Serde<boolean> = Object.freeze({
  encode(value: boolean, topic: string) {
    if (typeof value !== 'boolean')
      throw new SerdeError('boolean', topic, `${String(value)} is not a boolean`);
    return Uint8Array.of(value ? 1 : 0);
  },
  decode(encoded: Uint8Array, topic: string) {
    checkLength('boolean', topic, encoded, 1);
    const [byte] = encoded;
    if (byte !== 0 && byte !== 1) throw new SerdeError('boolean', topic, `expected 0 or 1, got ${byte}`);
    return byte === 1;
  },
});

/** Checks a parsed value, and throws if it is not a `T`. Every zod schema can be used. */
export interface JsonSchema<T> {
  parse(value: unknown): T;
}

/**
 * JSON as UTF-8. A schema, if given, checks the values that are read. Without one, the type is the
 * caller's promise. The text `null` stands for no value.
 */
export function json<T>(schema?: JsonSchema<T>): Serde<T> {
  return Object.freeze({
    encode(value: T, topic: string) {
      const text = attempt(topic, 'the value is not JSON', () => JSON.stringify(value));
      if (text === undefined) throw new SerdeError('json', topic, `JSON has no ${typeof value}`);
      return encodeText(text);
    },
    decode(bytes: Uint8Array, topic: string) {
      const parsed: unknown = attempt(topic, 'the bytes are not JSON', () => JSON.parse(decodeText(bytes)));
      if (schema === undefined || parsed === null) return parsed as T | null;
      return attempt(topic, 'the schema refuses the value', () => schema.parse(parsed));
    },
  });
}

function attempt<Result>(topic: string, problem: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SerdeError('json', topic, `${problem}: ${why}`, { cause });
  }
}

const loneSurrogates = /\p{Surrogate}/gu;

/** The bytes of `String.getBytes(UTF_8)` in Java, where half of a surrogate pair becomes `?`. */
export const encodeText = (text: string): Uint8Array =>
  Buffer.from(text.isWellFormed() ? text : text.replace(loneSurrogates, '?'));

const encodedSurrogates = /\xed[\xa0-\xbf][\x80-\xbf]?/g;

/**
 * The text of `new String(bytes, UTF_8)` in Java. Bytes that are not UTF-8 become U+FFFD. An
 * encoded surrogate becomes a single U+FFFD, where Node makes one for each byte.
 */
export function decodeText(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  return Buffer.from(buffer.toString('latin1').replace(encodedSurrogates, '\xff'), 'latin1').toString('utf8');
}

/** UTF-8, as Kafka's `StringSerializer`. */
const string: Serde<string> = Object.freeze({
  encode(value: string, topic: string) {
    if (typeof value !== 'string') throw new SerdeError('string', topic, `${String(value)} is not a string`);
    return encodeText(value);
  },
  decode: decodeText,
});

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const checkUuid = (text: string, topic: string): string => {
  if (uuidForm.test(text)) return text.toLowerCase();
  throw new SerdeError('uuid', topic, `expected the 36 characters of a UUID, got "${text}"`);
};

/** The text of a UUID in lower case, as Kafka's `UUIDSerializer`. */
const uuid: Serde<string> = Object.freeze({
  encode: (value: string, topic: string) => encodeText(checkUuid(value, topic)),
  decode: (bytes: Uint8Array, topic: string) => checkUuid(decodeText(bytes), topic),
});

/** The serdes of this library. Their bytes are those of Kafka's serializers of the same names. */
export const serdes = Object.freeze({
  string,
  bytes,
  long,
  safeLong,
  integer,
  double,
  boolean,
  uuid,
  json,
  timeWindowed,
  sessionWindowed,
});
