import type { NodeContext } from '../processor/node.ts';
import type { Headers, StreamRecord, Change, ValueAndTimestamp } from '../processor/record.ts';
import type { Window, Windowed, EmitStrategy } from '../processor/windows.ts';
import type { WindowStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';

/** The options that all windowed aggregations of a stream have in common. */
export interface WindowedAggregation<K, V, A> {
  readonly storeName: string;
  readonly emitStrategy: EmitStrategy;
  readonly sendOldValues: boolean;
  /** The children of a node that has a late output. If undefined, all children get the updates. */
  readonly outputs?: LateOutputs | undefined;
  initialize(): A | null;
  aggregate(key: K, value: V, aggregate: A | null): A | null;
}

export interface LateOutputs {
  readonly updates: string;
  readonly late: string;
}

/**
 * Decides when an aggregation that emits at window close looks for closed windows: at most once per
 * emit interval of the wall clock, and only if the close time has advanced (KIP-825). The close
 * time of the last look is committed with the offsets, so that nothing is emitted twice after a
 * restart.
 */
export class CloseEmission {
  readonly #context: NodeContext;
  readonly #storeName: string;
  #nextLookMs = 0;
  #lastCloseMs: number | undefined;

  constructor(context: NodeContext, storeName: string) {
    this.#context = context;
    this.#storeName = storeName;
    this.#lastCloseMs = context.committedMetadata(storeName);
  }

  /** The close time of the last look, or undefined before the first one. */
  get lastCloseMs(): number | undefined {
    return this.#lastCloseMs;
  }

  /** Returns whether to look now. If so, the next interval starts. */
  isDue(closeTimeMs: number): boolean {
    const nowMs = this.#context.wallClockMs;
    if (nowMs < this.#nextLookMs) return false;
    this.#nextLookMs = nowMs + this.#context.emitIntervals.windowedAggregationMs;
    return this.#lastCloseMs === undefined || this.#lastCloseMs < closeTimeMs;
  }

  emittedUpTo(closeTimeMs: number): void {
    this.#lastCloseMs = closeTimeMs;
    this.#context.setCommittedMetadata(this.#storeName, closeTimeMs);
  }
}

/** The value of a window before a record is added. */
interface WindowBase<A> {
  readonly value: A | null;
  readonly timestampMs: number;
}

/**
 * Updates windows, refuses late records and emits results, for tumbling, hopping and sliding
 * aggregations alike.
 */
export class WindowUpdates<K, V, A> {
  readonly store: WindowStore<K, ValueAndTimestamp<A>>;
  readonly #context: NodeContext<Windowed<K>, Change<A>>;
  readonly #aggregation: WindowedAggregation<K, V, A>;
  readonly #forward: (record: StreamRecord<Windowed<K>, Change<A>>) => void;
  readonly #emission: CloseEmission | undefined;

  constructor(aggregation: WindowedAggregation<K, V, A>, context: NodeContext<Windowed<K>, Change<A>>) {
    const { storeName, sendOldValues, outputs } = aggregation;
    this.store = context.store(storeName);
    this.#context = context;
    this.#aggregation = aggregation;
    if (aggregation.emitStrategy === 'on_window_close') {
      this.#emission = new CloseEmission(context, storeName);
      this.#forward = (record) => context.forward(record, outputs?.updates);
    } else {
      this.#forward = changeForwarder(context, this.store, { sendOldValues, childName: outputs?.updates });
    }
  }

  fresh({ timestampMs }: StreamRecord<K, V>): WindowBase<A> {
    return { value: this.#aggregation.initialize(), timestampMs };
  }

  /** Adds the record to a window and sends the result, unless results are sent at the close. */
  update(record: StreamRecord<K, V>, window: Window, base: WindowBase<A>): void {
    const { key, value, headers } = record;
    const newValue = this.#aggregation.aggregate(key, value, base.value);
    const timestampMs =
      base.value === null ? record.timestampMs : Math.max(record.timestampMs, base.timestampMs);
    this.store.put(key, newValue === null ? null : { value: newValue, timestampMs }, window.startMs);
    this.#send({ key, window }, { oldValue: base.value, newValue }, timestampMs, headers);
  }

  /** Gives a window the value of another window, without the record. */
  copy({ key, headers }: StreamRecord<K, V>, window: Window, value: ValueAndTimestamp<A>): void {
    this.store.put(key, value, window.startMs);
    this.#send({ key, window }, { oldValue: null, newValue: value.value }, value.timestampMs, headers);
  }

  /** Forwards a record that no window has taken to the child for late records. */
  sendLate(record: StreamRecord<K, V>): void {
    const { outputs } = this.#aggregation;
    if (outputs !== undefined) (this.#context as NodeContext).forward(record, outputs.late);
  }

  /**
   * Sends the windows that have closed since the last look, if a look is due. The range of their
   * starts depends on the close time of the last look. It is undefined if no window can have closed
   * since.
   */
  emitClosed(
    record: StreamRecord<K, V>,
    closeTimeMs: number,
    startsSince: (lastCloseMs: number | undefined) => StartRange | undefined,
  ): void {
    const emission = this.#emission;
    if (emission === undefined || !emission.isDue(closeTimeMs)) return;
    const starts = startsSince(emission.lastCloseMs);
    if (starts === undefined) return;
    using closed = this.store.fetchAll(starts.fromMs, starts.toMs);
    for (const { key, value } of closed) {
      const change = { newValue: value.value, oldValue: null, isLatest: true };
      this.#forward({ key, value: change, timestampMs: value.timestampMs, headers: record.headers });
    }
    emission.emittedUpTo(closeTimeMs);
  }

  #send(
    key: Windowed<K>,
    { oldValue, newValue }: { oldValue: A | null; newValue: A | null },
    timestampMs: number,
    headers: Headers,
  ): void {
    if (this.#emission !== undefined) return;
    const sentOldValue = this.#aggregation.sendOldValues ? oldValue : null;
    this.#forward({ key, value: { newValue, oldValue: sentOldValue, isLatest: true }, timestampMs, headers });
  }
}

/** A range of windows by their starts, both included. */
export interface StartRange {
  readonly fromMs: number;
  readonly toMs: number;
}
