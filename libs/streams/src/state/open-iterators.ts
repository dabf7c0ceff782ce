import type { StoreIterator } from './stores.ts';

/** The iterators over a task's stores that are neither used up nor disposed. */
export class OpenIterators {
  readonly #storeOf = new Map<object, string>();

  /** Returns the items as an iterator that counts as open until it ends. */
  open<T>(storeName: string, items: Iterator<T>): StoreIterator<T> {
    const token = {};
    this.#storeOf.set(token, storeName);
    const close = (): void => {
      this.#storeOf.delete(token);
    };
    return {
      next: () => {
        const step = items.next();
        if (step.done === true) close();
        return step;
      },
      return: () => {
        close();
        items.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.iterator]() {
        return this;
      },
      [Symbol.dispose]() {
        this.return?.();
      },
    };
  }

  /** Throws if the node has left an iterator open. Forgets it, so that the next check starts afresh. */
  requireNone(nodeName: string): void {
    if (this.#storeOf.size === 0) return;
    const stores = [...new Set(this.#storeOf.values())].join(', ');
    this.#storeOf.clear();
    throw new IteratorLeftOpenError(nodeName, stores);
  }
}

export class IteratorLeftOpenError extends Error {
  override readonly name = 'IteratorLeftOpenError';

  constructor(nodeName: string, storeNames: string) {
    super(
      `${nodeName} has left an iterator over ${storeNames} open. ` +
        'Use it up within process(), or declare it with `using`.',
    );
  }
}
