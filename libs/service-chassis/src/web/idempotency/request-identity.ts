import { createHash } from 'node:crypto';

export interface KeyedRequest {
  /** Method and pattern, such as `POST /orders/:id/cancel`. */
  readonly route: string;
  readonly parameters: unknown;
  readonly key: string;
  readonly body: unknown;
}

/** Identifies a request by `id`, and what it asked for by `fingerprint`. */
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
