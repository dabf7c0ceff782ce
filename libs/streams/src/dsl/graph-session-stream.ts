import type { EmitStrategy } from '../processor/emit-strategy.ts';
import type { Windowed } from '../processor/windowed.ts';
import { windowedAggregate, windowedCount, windowedReduce } from './operations/windowed-aggregate.ts';
import type { Materialized } from './options/materialized.ts';
import type { KStream, KTable, SessionWindowedKStream } from './streams-and-tables.ts';
import type { WindowedStreamState } from './windowed-stream-state.ts';
import type { Aggregator, Reducer, SessionMerger } from './user-functions.ts';
import type { Wrap } from './wrap.ts';

export class GraphSessionStream<K, V> implements SessionWindowedKStream<K, V> {
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
