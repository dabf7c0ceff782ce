/**
 * A record cannot be converted or changed because of the record itself. `errors.tolerance` decides what
 * happens to it.
 */
export class DataError extends Error {
  override name = 'DataError';
}
