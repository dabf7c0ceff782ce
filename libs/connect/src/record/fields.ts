/*
 * The fields of a struct or of a JSON object may have any name. `constructor` is also a name that every object
 * inherits, and an assignment to `__proto__` would change the prototype.
 */

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
