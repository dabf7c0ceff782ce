import type { Struct } from './schema.ts';
import type { Fields, VersionRange } from './field.ts';

/** One API: its key and the layouts of its request and response. */
export interface Api<Request extends Fields = Fields, Response extends Fields = Fields> {
  readonly key: number;
  readonly name: string;
  readonly request: Struct<Request>;
  readonly response: Struct<Response>;
  /** The versions with a known layout. */
  readonly versions: VersionRange;
  /**
   * The lowest version that ApiVersions names. It differs from `versions.min` for Produce only: old
   * clients look for version 0 in the range, although none of them sends it (KAFKA-18659).
   */
  readonly advertisedMin: number;
}

export function api<Request extends Fields, Response extends Fields>(
  name: string,
  key: number,
  request: Struct<Request>,
  response: Struct<Response>,
  options: { readonly advertisedMin?: number } = {},
): Api<Request, Response> {
  const { versions } = request;
  if (versions.min !== response.versions.min || versions.max !== response.versions.max) {
    throw new TypeError(`${name}: the request and the response must have the same versions`);
  }
  return Object.freeze({
    key,
    name,
    request,
    response,
    versions,
    advertisedMin: options.advertisedMin ?? versions.min,
  });
}
