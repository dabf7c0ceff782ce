import { onWindowUpdate } from '../processor/emit-strategy.ts';
import type { SessionWindows } from '../processor/session-windows.ts';
import type { SlidingWindows } from '../processor/sliding-windows.ts';
import type { TimeWindows } from '../processor/time-windows.ts';
import type { UnlimitedWindows } from '../processor/unlimited-windows.ts';
import { cogroupOf, GraphCogroupedStream } from './graph-cogrouped-stream.ts';
import { GraphSessionStream } from './graph-session-stream.ts';
import { GraphWindowedStream } from './graph-windowed-stream.ts';
import type { GroupedStreamState } from './grouped-stream-state.ts';
import { aggregate, count, reduce } from './operations/stream-aggregate.ts';
import type { Materialized } from './options/materialized.ts';
import { graphState } from './stream-state.ts';
import type {
  CogroupedKStream,
  KGroupedStream,
  KTable,
  SessionWindowedKStream,
  TimeWindowedKStream,
} from './streams-and-tables.ts';
import type { AnyWindows } from './window-kinds.ts';
import type { Aggregator, Reducer } from './user-functions.ts';
import type { Wrap } from './wrap.ts';

export class GraphGroupedStream<K, V> implements KGroupedStream<K, V> {
  readonly [graphState]: GroupedStreamState<K, V>;
  readonly #wrap: Wrap;

  constructor(state: GroupedStreamState<K, V>, wrap: Wrap) {
    this[graphState] = state;
    this.#wrap = wrap;
  }

  count(materialized?: Materialized<K, number>, named?: string): KTable<K, number> {
    return this.#wrap.table(count(this[graphState], { materialized, named }));
  }

  reduce(reducer: Reducer<V>, materialized?: Materialized<K, V>, named?: string): KTable<K, V> {
    return this.#wrap.table(reduce(this[graphState], reducer, { materialized, named }));
  }

  aggregate<A>(
    initialize: () => A,
    aggregator: Aggregator<K, V, A>,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<K, A> {
    return this.#wrap.table(aggregate(this[graphState], initialize, aggregator, { materialized, named }));
  }

  cogroup<A>(aggregator: Aggregator<K, V, A>): CogroupedKStream<K, A> {
    return new GraphCogroupedStream(cogroupOf(this, aggregator), this.#wrap);
  }

  windowedBy(windows: TimeWindows | UnlimitedWindows | SlidingWindows): TimeWindowedKStream<K, V>;
  windowedBy(windows: SessionWindows): SessionWindowedKStream<K, V>;
  windowedBy(windows: AnyWindows): TimeWindowedKStream<K, V> | SessionWindowedKStream<K, V> {
    const state = { grouped: this[graphState], windows, emitStrategy: onWindowUpdate, onLate: undefined };
    return windows.kind === 'session'
      ? new GraphSessionStream(state, this.#wrap)
      : new GraphWindowedStream(state, this.#wrap);
  }
}
