import { pause, serialQueue, type Clock, type DurationMs } from '../../../runtime/index.ts';
import { ClientError } from '../../errors/client-error.ts';
import { stayAlive } from '../../stay-alive.ts';
import type { TopicPartition } from '../../topic-partition.ts';
import { nameOf } from '../../partition-map.ts';
import type { HeldPartition, Taken, HeldPartitions } from './held-partitions.ts';
import type { Delivered, LoopWatch } from './loop-watch.ts';

/**
 * Hands out records to the application's loop. What the loop has in hand is finished when it asks
 * for more. It is not finished if the loop breaks or throws.
 */
export class Deliveries {
  readonly #clock: Clock;
  readonly #partitions: HeldPartitions;
  readonly #onTaken: () => void;
  readonly #watches: readonly LoopWatch[];
  readonly #failures: Array<{ readonly error: ClientError; readonly onThrown: () => void }> = [];
  #inHand: Taken<Delivered> | undefined;
  #isOpen = false;
  #end: { readonly error?: ClientError } | undefined;
  #wake: () => void = () => undefined;
  #onHandEmpty: () => void = () => undefined;

  /**
   * `onTaken` is called when a fetch answer was taken completely, and when there is nothing to
   * take.
   */
  constructor(
    clock: Clock,
    partitions: HeldPartitions,
    onTaken: () => void,
    watches: readonly LoopWatch[] = [],
  ) {
    this.#clock = clock;
    this.#partitions = partitions;
    this.#onTaken = onTaken;
    this.#watches = watches;
  }

  /** The content that the loop received last, until the loop has finished it. */
  get inHand(): Taken<Delivered> | undefined {
    return this.#inHand;
  }

  /** Makes a waiting loop look for records again. */
  wake(): void {
    this.#wake();
  }

  /** Makes the loop throw the error once. `onThrown` is called then. */
  fail(error: ClientError, onThrown: () => void): void {
    this.#failures.push({ error, onThrown });
    this.wake();
  }

  /** Ends the loop, with the error if there is one. */
  end(error?: ClientError): void {
    this.#end ??= { error };
    this.wake();
  }

  /**
   * Waits until the loop has finished what it has in hand of these partitions, or the limit passes.
   */
  async drain(partitions: readonly TopicPartition[], limitMs: DurationMs): Promise<void> {
    const names = new Set(partitions.map(nameOf));
    if (!this.#isOpen || this.#inHand === undefined || !names.has(nameOf(this.#inHand.held))) return;
    const empty = new AbortController();
    this.#onHandEmpty = () => empty.abort();
    await pause(this.#clock, limitMs, empty.signal);
  }

  /**
   * Only one loop may run at a time, because asking for more finishes what was delivered before.
   */
  open<Content extends Delivered>(
    take: (held: HeldPartition) => Taken<Content> | undefined,
    onFirst: () => void,
  ): AsyncIterableIterator<Content, undefined> {
    const oneByOne = serialQueue();
    let state: 'new' | 'open' | 'over' = 'new';
    const begin = () => {
      if (this.#isOpen)
        throw new ClientError(
          'settings_refused',
          'another loop reads from this consumer: leave it first, or connect a second consumer',
        );
      this.#isOpen = true;
      state = 'open';
      onFirst();
    };
    const leave = () => {
      const wasOpen = state === 'open';
      state = 'over';
      if (!wasOpen) return;
      this.#isOpen = false;
      for (const watch of this.#watches) watch.onLeft();
      this.wake();
      this.#onHandEmpty();
    };
    const next = async (): Promise<IteratorResult<Content, undefined>> => {
      try {
        if (state === 'new') begin();
        const value = await this.#next(take, () => state === 'over');
        if (value !== undefined) return { value, done: false };
      } catch (error) {
        leave();
        throw error;
      }
      leave();
      return { value: undefined, done: true };
    };
    let waiting = 0;
    return {
      next: () => {
        const taken = state === 'open' && waiting === 0 ? this.#takeNow(take) : undefined;
        if (taken !== undefined) return Promise.resolve({ value: taken, done: false });
        waiting += 1;
        return oneByOne(next).finally(() => (waiting -= 1));
      },
      async return() {
        leave();
        return { value: undefined, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async #next<Content extends Delivered>(
    take: (held: HeldPartition) => Taken<Content> | undefined,
    isOver: () => boolean,
  ): Promise<Content | undefined> {
    while (!isOver()) {
      const content = this.#takeNow(take);
      if (content !== undefined) return content;
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return undefined;
      const failure = this.#failures.shift();
      if (failure) {
        failure.onThrown();
        throw failure.error;
      }
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      this.#onTaken();
      await stayAlive(woken);
    }
    return undefined;
  }

  /**
   * Finishes what the loop has in hand. Returns the next content, or undefined if the loop has to
   * wait or end.
   */
  #takeNow<Content extends Delivered>(
    take: (held: HeldPartition) => Taken<Content> | undefined,
  ): Content | undefined {
    this.#finish();
    if (this.#end !== undefined || this.#failures.length > 0) return undefined;
    const taken = this.#partitions.take(take);
    if (taken === undefined) return undefined;
    if (!taken.held.isWithinAnswer) this.#onTaken();
    this.#inHand = taken;
    for (const watch of this.#watches) watch.onHanded(taken.content);
    return taken.content;
  }

  #finish(): void {
    this.#inHand?.held.finish(this.#inHand.reading, this.#inHand.upTo);
    this.#inHand = undefined;
    for (const watch of this.#watches) watch.onAsked();
    this.#onHandEmpty();
  }
}
