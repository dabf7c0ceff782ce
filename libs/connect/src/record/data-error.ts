/** A record that cannot be converted or changed, for its own fault. `errors.tolerance` says what becomes of it. */
export class DataError extends Error {
  override name = 'DataError';
}
