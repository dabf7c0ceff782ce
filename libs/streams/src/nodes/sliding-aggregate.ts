import type { Node, NodeContext } from '../processor/node.ts';
import type { StreamRecord, Change, ValueAndTimestamp } from '../processor/record.ts';
import type { SlidingWindows, Window, Windowed } from '../processor/windows.ts';
import type { WindowValue } from '../state/stores.ts';
import { type WindowedAggregation, type StartRange, WindowUpdates } from './windowed-aggregation.ts';

export interface SlidingAggregateOptions<K, V, A> extends WindowedAggregation<K, V, A> {
  readonly windows: SlidingWindows;
}

/**
 * Aggregates records per key and sliding window (KIP-450). A record at time t belongs to every
 * window that holds t. It opens the window that ends at t (its left window). It also opens two
 * right windows if they hold a record: the one that starts a millisecond after t, and the one that
 * starts a millisecond after the previous record. The order of the updates is that of Kafka
 * Streams.
 */
export const slidingAggregateNode = <K, V, A>(
  options: SlidingAggregateOptions<K, V, A>,
  context: NodeContext<Windowed<K>, Change<A>>,
): Node<K, V> => new SlidingAggregate(options, context);

type StoredWindow<A> = WindowValue<ValueAndTimestamp<A>>;

/** The stored windows near a record, which decide which windows it may open. */
interface Neighbourhood<A> {
  readonly starts: ReadonlySet<number>;
  /** The time of the previous record, if that record may lack its right window. */
  readonly previousMs: number | undefined;
  /** A stored window with all earlier records that a new left window would hold. */
  readonly left: ValueAndTimestamp<A> | undefined;
  /** A stored window with all later records that a new right window would hold. */
  readonly right: ValueAndTimestamp<A> | undefined;
  readonly hasLeftWindow: boolean;
}

class SlidingAggregate<K, V, A> implements Node<K, V> {
  readonly #context: NodeContext;
  readonly #differenceMs: number;
  readonly #graceMs: number;
  readonly #updates: WindowUpdates<K, V, A>;
  #observedMs = -1;
  #closeTimeMs = -1;
  #taken = false;

  constructor(options: SlidingAggregateOptions<K, V, A>, context: NodeContext<Windowed<K>, Change<A>>) {
    this.#context = context;
    this.#differenceMs = options.windows.timeDifferenceMs;
    this.#graceMs = options.windows.graceMs;
    this.#updates = new WindowUpdates(options, context);
  }

  process(record: StreamRecord<K, V>): void {
    if (record.key === null || record.key === undefined) return this.#context.drop('null_key');
    if (record.value === null || record.value === undefined) return this.#context.drop('null_value');
    this.#observedMs = Math.max(this.#observedMs, record.timestampMs);
    this.#closeTimeMs = this.#observedMs - this.#graceMs;
    this.#taken = false;
    if (record.timestampMs + this.#differenceMs < this.#closeTimeMs) this.#context.drop('late');
    else if (record.timestampMs < this.#differenceMs) this.#addEarly(record);
    else this.#addAndEmit(record);
    if (!this.#taken) this.#updates.sendLate(record);
  }

  #addAndEmit(record: StreamRecord<K, V>): void {
    const neighbours = this.#addToStoredWindows(record);
    if (neighbours !== undefined) this.#openWindows(record, neighbours);
    this.#updates.emitClosed(record, this.#closeTimeMs, (lastCloseMs) => this.#closedStarts(lastCloseMs));
  }

  /**
   * Adds the record to the stored windows that hold it. Returns undefined if another record of the
   * same time has opened all windows already. The search continues behind the left window, as in
   * Kafka Streams: the time of the previous record comes from the window before it, even if that
   * window lacks a record because it had closed.
   */
  #addToStoredWindows(record: StreamRecord<K, V>): Neighbourhood<A> | undefined {
    const { timestampMs } = record;
    const starts = new Set<number>();
    let right: ValueAndTimestamp<A> | undefined;
    let previousMs: number | undefined;
    let hasLeftWindow = false;
    for (const { startMs, value } of this.#storedWindows(record, timestampMs - 2 * this.#differenceMs)) {
      starts.add(startMs);
      const endMs = startMs + this.#differenceMs;
      if (endMs < timestampMs) {
        return { starts, previousMs: value.timestampMs, left: value, right, hasLeftWindow };
      }
      if (startMs > timestampMs) continue;
      this.#add(record, startMs, value);
      if (endMs > timestampMs) {
        right ??= value;
      } else {
        if (value.timestampMs >= timestampMs) return undefined;
        hasLeftWindow = true;
        previousMs = value.timestampMs;
      }
    }
    return { starts, previousMs, left: undefined, right, hasLeftWindow };
  }

  #openWindows(record: StreamRecord<K, V>, neighbours: Neighbourhood<A>): void {
    const { timestampMs } = record;
    const { previousMs, left, right } = neighbours;
    if (previousMs !== undefined) {
      const reachesRecord = previousMs + 1 + this.#differenceMs >= timestampMs;
      if (reachesRecord && !neighbours.starts.has(previousMs + 1)) this.#open(record, previousMs + 1);
    }
    if (!neighbours.hasLeftWindow) {
      const startMs = timestampMs - this.#differenceMs;
      const holdsPrevious = previousMs !== undefined && previousMs >= startMs;
      if (holdsPrevious && left !== undefined) this.#add(record, startMs, { value: left.value, timestampMs });
      else this.#open(record, startMs);
    }
    this.#openRightWindow(record, neighbours.starts, right);
  }

  /**
   * Adds a record near the start of 1970, where one window that starts at 0 takes the place of the
   * left windows.
   */
  #addEarly(record: StreamRecord<K, V>): void {
    const { timestampMs } = record;
    const starts = new Set<number>();
    let combined: ValueAndTimestamp<A> | undefined;
    let right: ValueAndTimestamp<A> | undefined;
    for (const { startMs, value } of this.#storedWindows(record, 0).reverse()) {
      starts.add(startMs);
      if (startMs === 0) {
        combined = value;
      } else if (startMs <= timestampMs) {
        right = value;
        this.#add(record, startMs, value);
      }
    }
    if (combined !== undefined && combined.timestampMs > timestampMs) right ??= combined;
    this.#openRightWindow(record, starts, right);
    const previousMs = combined?.timestampMs ?? timestampMs;
    if (previousMs < timestampMs && !starts.has(previousMs + 1)) this.#open(record, previousMs + 1);
    if (combined === undefined) this.#open(record, 0);
    else this.#add(record, 0, combined);
  }

  /**
   * Opens the window after the record with the records of the given window, unless that one is
   * older.
   */
  #openRightWindow(
    record: StreamRecord<K, V>,
    starts: ReadonlySet<number>,
    value: ValueAndTimestamp<A> | undefined,
  ): void {
    const startMs = record.timestampMs + 1;
    if (value === undefined || value.timestampMs < startMs || starts.has(startMs)) return;
    this.#updates.copy(record, this.#window(startMs), value);
  }

  #open(record: StreamRecord<K, V>, startMs: number): void {
    this.#add(record, startMs, this.#updates.fresh(record));
  }

  #add(record: StreamRecord<K, V>, startMs: number, base: { value: A | null; timestampMs: number }): void {
    const window = this.#window(startMs);
    if (window.endMs < this.#closeTimeMs) return this.#context.drop('late');
    this.#updates.update(record, window, base);
    this.#taken = true;
  }

  #window(startMs: number): Window {
    return { startMs, endMs: startMs + this.#differenceMs };
  }

  /**
   * The stored windows near the record, the latest first. They are read at once, since they change
   * during the iteration.
   */
  #storedWindows({ key, timestampMs }: StreamRecord<K, V>, fromMs: number): StoredWindow<A>[] {
    using windows = this.#updates.store.backwardFetchRange(key, Math.max(0, fromMs), timestampMs + 1);
    return [...windows];
  }

  #closedStarts(lastCloseMs: number | undefined): StartRange | undefined {
    const toMs = this.#closeTimeMs - this.#differenceMs - 1;
    if (toMs < 0) return undefined;
    return { fromMs: lastCloseMs === undefined ? 0 : Math.max(0, lastCloseMs - this.#differenceMs), toMs };
  }
}
