import type { StoreIterator } from './stores.ts';

/** The iterators over a task's stores that are neither used up nor disposed. */
export class OpenIterators {
  readonly #open = new Set<OpenIterator<unknown>>();

  /** Wraps the items in an iterator that counts as open until it ends. */
  open<T>(storeName: string, items: Iterator<T>): StoreIterator<T> {
    const iterator = new OpenIterator(storeName, items, this.#open);
    this.#open.add(iterator);
    return iterator;
  }

  /** Throws `IteratorLeftOpenError` if the node has left an iterator open, and then forgets it. */
  requireNone(nodeName: string): void {
    if (this.#open.size === 0) return;
    const stores = [...new Set([...this.#open].map(({ storeName }) => storeName))].join(', ');
    this.forget();
    throw new IteratorLeftOpenError(nodeName, stores);
  }

  /** Excludes the iterators that are open now from the next check. */
  forget(): void {
    this.#open.clear();
  }
}

class OpenIterator<T> implements StoreIterator<T> {
  readonly storeName: string;
  readonly #items: Iterator<T>;
  readonly #open: Set<OpenIterator<unknown>>;

  constructor(storeName: string, items: Iterator<T>, open: Set<OpenIterator<unknown>>) {
    this.storeName = storeName;
    this.#items = items;
    this.#open = open;
  }

  next(): IteratorResult<T, undefined> {
    const step = this.#items.next();
    if (step.done === true) this.#open.delete(this);
    return step;
  }

  return(): IteratorResult<T, undefined> {
    this.#open.delete(this);
    this.#items.return?.();
    return { done: true, value: undefined };
  }

  [Symbol.iterator](): this {
    return this;
  }

  [Symbol.dispose](): void {
    this.return();
  }
}

/**
 * A node has left an iterator open, a mistake in its code. Its record was processed nevertheless.
 */
export class IteratorLeftOpenError extends Error {
  override readonly name = 'IteratorLeftOpenError';

  constructor(nodeName: string, storeNames: string) {
    super(
      `${nodeName}, or a node behind it, has left an iterator over ${storeNames} open. ` +
        'Use it up before the node returns, or declare it with `using`.',
    );
  }
}
