import { refusal } from '../web/problems/problem.ts';

/** The spelling that the OpenAPI document shows. */
export const ifMatchHeader = 'If-Match';

/** Writes a version as a strong ETag (RFC 9110, 8.8.3). */
export const etagOf = (version: bigint): string => `"${version}"`;

/**
 * Reads the version that the caller has seen from `If-Match` (RFC 9110, 13.1.1). Throws a 428 if it
 * is missing (RFC 6585, 3), and a 412 if it is not one that the service has given out.
 */
export function readIfMatch(header: string | undefined): bigint {
  if (header === undefined || header === '') throw refusal('precondition_required');
  const version = /^"(\d{1,18})"$/.exec(header.trim())?.[1];
  if (version === undefined)
    throw refusal('version_moved', { detail: 'If-Match must be the ETag of the last answer, such as "7"' });
  return BigInt(version);
}

/** The header that names the actor. An identity provider can replace it. */
export const actorHeader = 'Millrace-Actor';

const actor = /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/;

/** Returns the actor. Throws a 400 that names the header if it is missing or not printable. */
export function readActor(header: string | undefined): string {
  if (header !== undefined && actor.test(header)) return header;
  const message = 'says who acts: 1 to 200 visible ASCII characters, such as ada@example.org';
  throw refusal('invalid_request', { errors: [{ field: actorHeader, message }] });
}
