import type { Node, NodeContext } from '../processor/node.ts';
import type { Headers, StreamRecord, Change } from '../processor/record.ts';
import type { SessionWindows, Window, Windowed } from '../processor/windows.ts';
import type { Entry, SessionStore } from '../state/stores.ts';
import { changeForwarder } from './change-forwarder.ts';
import { type WindowedAggregation, CloseEmission } from './windowed-aggregation.ts';

export interface SessionAggregateOptions<K, V, A> extends WindowedAggregation<K, V, A> {
  readonly windows: SessionWindows;
  /** Joins the aggregates of two sessions that a record has connected. */
  merge(key: K, one: A | null, other: A | null): A | null;
}

/**
 * Aggregates records per key and session. A record merges all sessions within the gap into one:
 * first the removals of the old sessions are sent, in ascending order of their ends, then the new
 * session. The time of a result is the end of its session.
 */
export const sessionAggregateNode = <K, V, A>(
  options: SessionAggregateOptions<K, V, A>,
  context: NodeContext<Windowed<K>, Change<A>>,
): Node<K, V> => new SessionAggregate(options, context);

class SessionAggregate<K, V, A> implements Node<K, V> {
  readonly #options: SessionAggregateOptions<K, V, A>;
  readonly #context: NodeContext<Windowed<K>, Change<A>>;
  readonly #store: SessionStore<K, A>;
  readonly #forward: (record: StreamRecord<Windowed<K>, Change<A>>) => void;
  readonly #emission: CloseEmission | undefined;
  #observedMs = -1;

  constructor(options: SessionAggregateOptions<K, V, A>, context: NodeContext<Windowed<K>, Change<A>>) {
    const { storeName, sendOldValues, outputs } = options;
    this.#options = options;
    this.#context = context;
    this.#store = context.store(storeName);
    if (options.emitStrategy === 'on_window_close') {
      this.#emission = new CloseEmission(context, storeName);
      this.#forward = (record) => context.forward(record, outputs?.updates);
    } else {
      this.#forward = changeForwarder<Windowed<K>, A>(context, this.#store, {
        sendOldValues,
        childName: outputs?.updates,
        flushedAtMs: ({ key }) => key.window.endMs,
      });
    }
  }

  process(record: StreamRecord<K, V>): void {
    if (record.key === null || record.key === undefined) return this.#context.drop('null_key');
    const { gapMs, graceMs } = this.#options.windows;
    this.#observedMs = Math.max(this.#observedMs, record.timestampMs);
    const closeTimeMs = this.#observedMs - graceMs - gapMs;
    this.#addToSession(record, closeTimeMs);
    this.#emitClosed(record.headers, closeTimeMs);
  }

  #addToSession(record: StreamRecord<K, V>, closeTimeMs: number): void {
    const { key, value, timestampMs } = record;
    const connected = this.#sessionsWithinGap(record);
    const window = connected.reduce<Window>((all, session) => union(all, session.key.window), {
      startMs: timestampMs,
      endMs: timestampMs,
    });
    const base = connected.reduce(
      (all, session) => this.#options.merge(key, all, session.value),
      this.#options.initialize(),
    );
    if (window.endMs < closeTimeMs) return this.#refuse(record);
    if (window.startMs < window.endMs) this.#remove(connected);
    const aggregate = this.#options.aggregate(key, value, base);
    this.#store.put({ key, window }, aggregate);
    this.#sendUpdate({ key, window }, { oldValue: null, newValue: aggregate });
  }

  #sessionsWithinGap({ key, timestampMs }: StreamRecord<K, V>): readonly Entry<Windowed<K>, A>[] {
    const { gapMs } = this.#options.windows;
    using sessions = this.#store.findSessions(key, timestampMs - gapMs, timestampMs + gapMs);
    return [...sessions];
  }

  #refuse(record: StreamRecord<K, V>): void {
    this.#context.drop('late');
    const { outputs } = this.#options;
    if (outputs !== undefined) (this.#context as NodeContext).forward(record, outputs.late);
  }

  #remove(sessions: readonly Entry<Windowed<K>, A>[]): void {
    for (const { key, value } of sessions) {
      this.#store.remove(key);
      this.#sendUpdate(key, { oldValue: value, newValue: null });
    }
  }

  /** Sends the update without headers, as Kafka Streams does. */
  #sendUpdate(key: Windowed<K>, change: { oldValue: A | null; newValue: A | null }): void {
    if (this.#emission !== undefined) return;
    const oldValue = this.#options.sendOldValues ? change.oldValue : null;
    const value = { newValue: change.newValue, oldValue, isLatest: true };
    this.#forward({ key, value, timestampMs: key.window.endMs, headers: [] });
  }

  #emitClosed(headers: Headers, closeTimeMs: number): void {
    const emission = this.#emission;
    if (emission === undefined || !emission.isDue(closeTimeMs)) return;
    const fromMs = Math.max(0, emission.lastCloseMs ?? 0);
    const toMs = closeTimeMs - 1;
    if (toMs < fromMs) return;
    using closed = this.#store.findSessionsEnding(fromMs, toMs);
    for (const { key, value } of closed) {
      const change = { newValue: value, oldValue: null, isLatest: true };
      this.#forward({ key, value: change, timestampMs: key.window.endMs, headers });
    }
    emission.emittedUpTo(closeTimeMs);
  }
}

const union = (one: Window, other: Window): Window => ({
  startMs: Math.min(one.startMs, other.startMs),
  endMs: Math.max(one.endMs, other.endMs),
});
