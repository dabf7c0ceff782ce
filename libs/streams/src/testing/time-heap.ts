interface Timed {
  readonly timestampMs: number;
}

/**
 * The least of its elements by time. Equal times come out in the order of Java's `PriorityQueue`,
 * by which Kafka Streams chooses among its partitions.
 */
export class TimeHeap<T extends Timed> {
  readonly #elements: T[] = [];

  offer(element: T): void {
    let place = this.#elements.length;
    this.#elements.push(element);
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (element.timestampMs >= this.#timeAt(parent)) break;
      this.#copy(parent, place);
      place = parent;
    }
    this.#elements[place] = element;
  }

  poll(): T | undefined {
    const [least] = this.#elements;
    const last = this.#elements.pop();
    if (last !== undefined && this.#elements.length > 0) this.#sink(last);
    return least;
  }

  #sink(element: T): void {
    const size = this.#elements.length;
    let place = 0;
    while (place < size >>> 1) {
      const left = 2 * place + 1;
      const right = left + 1;
      const child = right < size && this.#timeAt(left) > this.#timeAt(right) ? right : left;
      if (element.timestampMs <= this.#timeAt(child)) break;
      this.#copy(child, place);
      place = child;
    }
    this.#elements[place] = element;
  }

  #timeAt(place: number): number {
    return this.#elements[place]?.timestampMs ?? Infinity;
  }

  #copy(from: number, to: number): void {
    const element = this.#elements[from];
    if (element !== undefined) this.#elements[to] = element;
  }
}
