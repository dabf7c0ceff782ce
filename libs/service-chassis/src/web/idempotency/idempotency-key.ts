import { createHash } from 'node:crypto';
import { SetMetadata } from '@nestjs/common';
import { token } from '../../ground/provide.ts';
import { refusal } from '../problems/problem.ts';

/** Provided by a service whose calls take idempotency keys. Its documentation says so. */
export const TAKES_IDEMPOTENCY_KEYS = token<true>('takes idempotency keys');

const REPEATABLE = Symbol('repeatable');

/**
 * Leaves a POST without a transaction of its request and without a kept answer. Its handler does the
 * same work again when it is repeated, and may take longer than a transaction.
 */
export const Repeatable = () => SetMetadata(REPEATABLE, true);

export const isRepeatable = (handler: object): boolean => Reflect.getMetadata(REPEATABLE, handler) === true;

interface KeyedRequest {
  /** Method and pattern, such as `POST /orders/:id/cancel`. */
  readonly route: string;
  readonly parameters: unknown;
  readonly key: string;
  readonly body: unknown;
}

/** Identifies a request by `id`, and its content by `fingerprint`. */
export interface RequestIdentity {
  readonly id: Buffer;
  /**
   * The first 64 bits of the id. Two requests that share them by chance only refuse each other
   * while both are in flight.
   */
  readonly lockId: bigint;
  readonly fingerprint: Buffer;
  readonly route: string;
}

export function identityOf({ route, parameters, key, body }: KeyedRequest): RequestIdentity {
  const id = sha256(canonicalJson([route, parameters, key]));
  return { id, lockId: id.readBigInt64BE(0), fingerprint: sha256(canonicalJson(body)), route };
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * Writes equal JSON values as the same text, whatever the order of their keys. The caller has
 * limited the depth. An absent body is null.
 */
function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(',')}}`;
}

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
