import type { Serde } from './serde.ts';
import { SerdeError } from './serde-error.ts';

const loneSurrogates = /\p{Surrogate}/gu;

/** The bytes of `String.getBytes(UTF_8)` in Java, where half of a surrogate pair becomes `?`. */
export const encodeText = (text: string): Uint8Array =>
  Buffer.from(text.isWellFormed() ? text : text.replace(loneSurrogates, '?'));

const encodedSurrogates = /\xed[\xa0-\xbf][\x80-\xbf]?/g;

/**
 * The text of `new String(bytes, UTF_8)` in Java. Bytes that are no UTF-8 become U+FFFD. An encoded
 * surrogate becomes a single one, where Node makes one of each byte.
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
export const string: Serde<string> = Object.freeze({
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
export const uuid: Serde<string> = Object.freeze({
  encode: (value: string, topic: string) => encodeText(checkUuid(value, topic)),
  decode: (bytes: Uint8Array, topic: string) => checkUuid(decodeText(bytes), topic),
});
