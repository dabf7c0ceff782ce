/**
 * Bytes that are not a message of the version that they claim. The connection is closed, since
 * nothing after them can be trusted.
 */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
  readonly code = 'MALFORMED_REQUEST';
}
