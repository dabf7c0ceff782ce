import { compareEvents, type Run } from './run.ts';

/**
 * Runs, the one that began first in front. Among runs that began with the same event, the order is
 * that of Java's `PriorityQueue`, on which Flink's choice among equal matches depends.
 */
export class RunQueue<T> implements Iterable<Run<T>> {
  #heap: Run<T>[];

  /** The runs must be in the order in which a queue has yielded them. */
  constructor(runs: readonly Run<T>[] = []) {
    this.#heap = [...runs];
  }

  get size(): number {
    return this.#heap.length;
  }

  get first(): Run<T> | undefined {
    return this.#heap[0];
  }

  /** Yields the runs in the order of the heap, which is sorted only in part. */
  [Symbol.iterator](): IterableIterator<Run<T>> {
    return this.#heap[Symbol.iterator]();
  }

  add(run: Run<T>): void {
    let at = this.#heap.length;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      const above = this.#heap[parent]!;
      if (compareStarts(run, above) >= 0) break;
      this.#heap[at] = above;
      at = parent;
    }
    this.#heap[at] = run;
  }

  takeFirst(): Run<T> | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sift(0, last);
    return first;
  }

  remove(isRemoved: (run: Run<T>) => boolean): void {
    const kept = this.#heap.filter((run) => !isRemoved(run));
    if (kept.length === this.#heap.length) return;
    this.#heap = kept;
    for (let at = (kept.length >>> 1) - 1; at >= 0; at -= 1) this.#sift(at, kept[at]!);
  }

  #sift(from: number, run: Run<T>): void {
    const { length } = this.#heap;
    let at = from;
    while (at < length >>> 1) {
      let child = 2 * at + 1;
      const right = this.#heap[child + 1];
      if (right !== undefined && compareStarts(this.#heap[child]!, right) > 0) child += 1;
      const below = this.#heap[child]!;
      if (compareStarts(run, below) <= 0) break;
      this.#heap[at] = below;
      at = child;
    }
    this.#heap[at] = run;
  }
}

/** Orders runs by their first events. The run that waits for its first event comes last. */
export function compareStarts<T>({ first: one }: Run<T>, { first: other }: Run<T>): number {
  if (one === undefined) return other === undefined ? 0 : 1;
  return other === undefined ? -1 : compareEvents(one, other);
}
