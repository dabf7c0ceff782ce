/** The fields of a row, by their names. */
type Fields = Readonly<Record<string, unknown>>;

/**
 * Adds an amount to a number of a row. The database adds it, so the row need not be read. The row's
 * stream is locked, so no other transaction changes the number in the meantime.
 */
export class Increment {
  readonly by: number;

  constructor(by: number) {
    this.by = by;
  }

  toJSON(): number {
    return this.by;
  }
}

/** Adds to a number, as in `({ onHand: plus(quantity) })`. */
export const plus = (by: number): Increment => new Increment(by);

/** Subtracts from a number, as in `({ onHand: minus(quantity) })`. */
export const minus = (by: number): Increment => new Increment(-by);

type NumberParts<Value> = {
  [Part in keyof Value]-?: Value[Part] extends number ? Part : never;
}[keyof Value];

/**
 * The change that increments a field: an increment, or one for each number among the parts of an
 * object. A map has none, because its parts are not known.
 */
export type IncrementOf<Value> = [Value] extends [number]
  ? Increment
  : [Value] extends [readonly unknown[]]
    ? never
    : [Value] extends [object]
      ? string extends keyof Value
        ? never
        : [NumberParts<Value>] extends [never]
          ? never
          : { readonly [Part in NumberParts<Value>]: Increment }
      : never;

/** Whether the value of a field has to be added to the stored one. */
export const isIncrement = (value: unknown): boolean =>
  value instanceof Increment ||
  (isParts(value) && Object.values(value).some((part) => part instanceof Increment));

/**
 * Returns the fields of a change, with their increments added to the numbers of `base`. An
 * increment of a number that `base` lacks stays an increment.
 */
export const increased = (base: Fields, change: Fields): Fields =>
  Object.fromEntries(Object.entries(change).map(([name, value]) => [name, sum(base[name], value)]));

function sum(base: unknown, change: unknown): unknown {
  if (change instanceof Increment) {
    if (base instanceof Increment) return new Increment(base.by + change.by);
    return typeof base === 'number' ? base + change.by : change;
  }
  if (!isIncrement(change) || !isParts(base)) return change;
  return { ...base, ...increased(base, change as Fields) };
}

const isParts = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
