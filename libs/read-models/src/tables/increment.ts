/** The properties of a row, by their names. */
type Properties = Readonly<Record<string, unknown>>;

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

/**
 * Returns the properties of a change, with their increments added to the numbers of `base`. An
 * increment of a number that `base` lacks stays an increment.
 */
export const increased = (base: Properties, change: Properties): Properties =>
  Object.fromEntries(Object.entries(change).map(([name, value]) => [name, sum(base[name], value)]));

function sum(base: unknown, change: unknown): unknown {
  if (!(change instanceof Increment)) return change;
  if (base instanceof Increment) return new Increment(base.by + change.by);
  return typeof base === 'number' ? base + change.by : change;
}
