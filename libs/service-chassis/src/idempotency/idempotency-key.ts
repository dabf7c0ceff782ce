import { refusal } from '../http/problem.ts';

/** As the OpenAPI document shows it. */
export const idempotencyKeyHeader = 'Idempotency-Key';

const bare = /^[\x21-\x7e]{1,255}$/;
/** A String of RFC 9651, section 3.3.3: a backslash stands before a quote and before another one only. */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * The key of a header: 1 to 255 visible ASCII characters, bare or as the quoted string that the draft asks for
 * (draft-ietf-httpapi-idempotency-key-header, section 2.1); both name the same key. Throws a 400 that names the header.
 */
export function readIdempotencyKey(header: string): string {
  const key = header.startsWith('"') ? quoted.exec(header)?.[1]?.replaceAll(/\\(.)/g, '$1') : header;
  if (key === undefined || !bare.test(key))
    throw refusal('invalid_request', {
      errors: [
        {
          field: idempotencyKeyHeader,
          message: 'must be 1 to 255 visible ASCII characters, bare or in double quotes',
        },
      ],
    });
  return key;
}
