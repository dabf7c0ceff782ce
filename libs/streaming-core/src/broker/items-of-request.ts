import { WorkSlices } from '../runtime/work-slices.ts';
import type { Clock } from '../runtime/clock.ts';

/** What the items of a request name: a request may have a million, so nothing here looks at each of them for each. */
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

  /** In the order in which they were first named. */
  once(): readonly Item[] {
    return [...this.#firsts.values()];
  }

  isRepeated(item: Item): boolean {
    return (this.#counts.get(this.#keyOf(item)) ?? 0) > 1;
  }
}

const sliceMs = 5;

/** One after the other. Others have the thread in between, however many there are. */
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
