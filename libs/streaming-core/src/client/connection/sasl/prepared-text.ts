import { refused } from './sasl-exchange.ts';

const fields = {
  username: { name: 'user name', setting: 'KAFKA_SASL_USERNAME' },
  password: { name: 'password', setting: 'KAFKA_SASL_PASSWORD' },
} as const;

/**
 * The control characters of RFC 3454 (tables C.2.1 and C.2.2) that SASLprep prohibits, and half
 * surrogate pairs (table C.5).
 */
const prohibited =
  /[\p{Cc}\p{Cs}\u06dd\u070f\u180e\u2028\u2029\u2061-\u2063\u206a-\u206f\ufff9-\ufffc\u{1d173}-\u{1d17a}]/u;

/**
 * Returns a user name or password as it is sent and hashed, which is as it was given.
 *
 * It applies one part of SASLprep (RFC 4013): it refuses the prohibited control characters and
 * surrogates. It maps no characters and applies no NFKC, because Apache Kafka and its clients hash
 * the UTF-8 bytes of a password as they are: a normalized password would be rejected.
 */
export function preparedText(mechanism: string, field: keyof typeof fields, text: string): string {
  const { name, setting } = fields[field];
  if (typeof text !== 'string')
    throw refused(mechanism, `the ${name} has type ${typeof text}: give a string`);
  if (text === '') throw refused(mechanism, `the ${name} is empty: set ${setting}`);
  if (prohibited.test(text))
    throw refused(
      mechanism,
      `the ${name} contains a control character or half a surrogate pair: correct ${setting}`,
    );
  return text;
}
