/*
 * The fields of a struct or of a JSON object may have any name. `constructor` is also a name that every object
 * inherits, and an assignment to `__proto__` would change the prototype.
 */

/** Whether a value has fields, as a struct or a JSON object has. Lists and bytes have none. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

/** Returns the value of an own field, and undefined if there is none. */
export function fieldIn(struct: Readonly<Record<string, unknown>>, field: string): unknown {
  const value = struct[field];
  // All that an object inherits are functions and its prototype, and no value of a record is one.
  return typeof value === 'function' || value === Object.prototype ? undefined : value;
}

export function setField(struct: Record<string, unknown>, field: string, value: unknown): void {
  if (field === '__proto__')
    Object.defineProperty(struct, field, { value, enumerable: true, writable: true, configurable: true });
  else struct[field] = value;
}
