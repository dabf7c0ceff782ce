import {
  type TimeWindows,
  type SlidingWindows,
  type SessionWindows,
  type UnlimitedWindows,
  onWindowUpdate,
  type Windowed,
  type EmitStrategy,
} from '../processor/windows.ts';
import { TopologyError } from '../topology/topology-spec.ts';
import { cogroupOf, GraphCogroupedStream } from './graph-cogrouped-stream.ts';
import { aggregate, count, reduce } from './operations/stream-aggregate.ts';
import { windowedAggregate, windowedCount, windowedReduce } from './operations/windowed-aggregate.ts';
import type { Materialized } from './options/stores.ts';
import { graphState, type GroupedStreamState, type WindowedStreamState } from './stream-state.ts';
import type {
  CogroupedKStream,
  KGroupedStream,
  KTable,
  SessionWindowedKStream,
  TimeWindowedKStream,
  KStream,
} from './streams-and-tables.ts';
import type { AnyWindows } from './window-kinds.ts';
import type { Aggregator, Reducer, SessionMerger } from './user-functions.ts';
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

class GraphWindowedStream<K, V> implements TimeWindowedKStream<K, V> {
  readonly #state: WindowedStreamState<K, V>;
  readonly #wrap: Wrap;

  constructor(state: WindowedStreamState<K, V>, wrap: Wrap) {
    this.#state = state;
    this.#wrap = wrap;
  }

  emitStrategy(emitStrategy: EmitStrategy): TimeWindowedKStream<K, V> {
    if (emitStrategy === 'on_window_close' && this.#state.windows.kind === 'unlimited') {
      throw new TopologyError(
        'Unlimited windows never close, so onWindowClose would emit nothing: use onWindowUpdate',
      );
    }
    return new GraphWindowedStream({ ...this.#state, emitStrategy }, this.#wrap);
  }

  onLate(listen: (late: KStream<K, V>) => void): TimeWindowedKStream<K, V> {
    const onLate: WindowedStreamState<K, V>['onLate'] = (late) => listen(this.#wrap.stream(late));
    return new GraphWindowedStream({ ...this.#state, onLate }, this.#wrap);
  }

  count(materialized?: Materialized<K, number>, named?: string): KTable<Windowed<K>, number> {
    return this.#wrap.table(windowedCount(this.#state, { materialized, named }));
  }

  reduce(reducer: Reducer<V>, materialized?: Materialized<K, V>, named?: string): KTable<Windowed<K>, V> {
    return this.#wrap.table(windowedReduce(this.#state, reducer, { materialized, named }));
  }

  aggregate<A>(
    initialize: () => A,
    aggregator: Aggregator<K, V, A>,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<Windowed<K>, A> {
    const aggregators = {
      initialize,
      aggregate: (key: K, value: V, aggregate: A | null) => aggregator(key, value, aggregate as A),
      merge: (_key: K, one: A | null) => one,
    };
    return this.#wrap.table(windowedAggregate(this.#state, aggregators, { materialized, named }));
  }
}

class GraphSessionStream<K, V> implements SessionWindowedKStream<K, V> {
  readonly #state: WindowedStreamState<K, V>;
  readonly #wrap: Wrap;

  constructor(state: WindowedStreamState<K, V>, wrap: Wrap) {
    this.#state = state;
    this.#wrap = wrap;
  }

  emitStrategy(emitStrategy: EmitStrategy): SessionWindowedKStream<K, V> {
    return new GraphSessionStream({ ...this.#state, emitStrategy }, this.#wrap);
  }

  onLate(listen: (late: KStream<K, V>) => void): SessionWindowedKStream<K, V> {
    const onLate: WindowedStreamState<K, V>['onLate'] = (late) => listen(this.#wrap.stream(late));
    return new GraphSessionStream({ ...this.#state, onLate }, this.#wrap);
  }

  count(materialized?: Materialized<K, number>, named?: string): KTable<Windowed<K>, number> {
    return this.#wrap.table(windowedCount(this.#state, { materialized, named }));
  }

  reduce(reducer: Reducer<V>, materialized?: Materialized<K, V>, named?: string): KTable<Windowed<K>, V> {
    return this.#wrap.table(windowedReduce(this.#state, reducer, { materialized, named }));
  }

  aggregate<A>(
    initialize: () => A,
    aggregator: Aggregator<K, V, A>,
    merger: SessionMerger<K, A>,
    materialized?: Materialized<K, A>,
    named?: string,
  ): KTable<Windowed<K>, A> {
    const aggregators = {
      initialize,
      aggregate: (key: K, value: V, aggregate: A | null) => aggregator(key, value, aggregate as A),
      merge: (key: K, one: A | null, other: A | null) => merger(key, one as A, other as A),
    };
    return this.#wrap.table(windowedAggregate(this.#state, aggregators, { materialized, named }));
  }
}
