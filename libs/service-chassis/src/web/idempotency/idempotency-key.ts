import { refusal } from '../problems/problem.ts';

/** The spelling that the OpenAPI document shows. */
export const idempotencyKeyHeader = 'Idempotency-Key';

const bare = /^[\x21-\x7e]{1,255}$/;
/**
 * A String of RFC 9651, section 3.3.3: a backslash may only precede a quote or another backslash.
 */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;

/**
 * Reads the key from a header: 1 to 255 visible ASCII characters, bare or as the quoted string of
 * the draft (draft-ietf-httpapi-idempotency-key-header, section 2.1). Both forms name the same key.
 * Throws a 400 that names the header.
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
