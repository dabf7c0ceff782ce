import type { EmitStrategy } from '../processor/emit-strategy.ts';
import type { Windowed } from '../processor/windowed.ts';
import { TopologyError } from '../topology/topology-error.ts';
import { windowedAggregate, windowedCount, windowedReduce } from './operations/windowed-aggregate.ts';
import type { Materialized } from './options/materialized.ts';
import type { KStream, KTable, TimeWindowedKStream } from './streams-and-tables.ts';
import type { WindowedStreamState } from './windowed-stream-state.ts';
import type { Aggregator, Reducer } from './user-functions.ts';
import type { Wrap } from './wrap.ts';

export class GraphWindowedStream<K, V> implements TimeWindowedKStream<K, V> {
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
