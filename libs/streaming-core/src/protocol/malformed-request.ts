/** Bytes that are no message of the version they claim. The connection is closed: nothing after them can be trusted (O1). */
export class MalformedRequest extends Error {
  override readonly name = 'MalformedRequest';
  readonly code = 'MALFORMED_REQUEST';
}
