import { WorkSlices } from '../runtime/work-slices.ts';
import type { Clock } from '../runtime/clock.ts';

/**
 * Finds items that a request names more than once. A request may have a million items, so lookups
 * take constant time.
 */
export class NamedItems<Item> {
  readonly #counts = new Map<string, number>();
  readonly #firsts = new Map<string, Item>();
  readonly #keyOf: (item: Item) => string;

  constructor(items: readonly Item[], keyOf: (item: Item) => string) {
    this.#keyOf = keyOf;
    for (const item of items) {
      const key = keyOf(item);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      if (!this.#firsts.has(key)) this.#firsts.set(key, item);
    }
  }

  /** Returns each item once, in the order in which they were first named. */
  once(): readonly Item[] {
    return [...this.#firsts.values()];
  }

  isRepeated(item: Item): boolean {
    return (this.#counts.get(this.#keyOf(item)) ?? 0) > 1;
  }
}

const sliceMs = 5;

/**
 * Runs the work for one item after the other, and yields the thread in between, so that a long
 * request does not block others.
 */
export async function eachInTurn<Item, Result>(
  items: readonly Item[],
  { clock }: { readonly clock: Pick<Clock, 'monotonic'> },
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const slices = new WorkSlices(clock, { sliceMs });
  const results: Result[] = [];
  for (const item of items) {
    await slices.pause();
    results.push(await work(item));
  }
  return results;
}
