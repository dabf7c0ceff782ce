import { onWindowUpdate } from '../processor/windows.ts';
import { TopologyError } from '../topology/topology-spec.ts';
import { cogroupedStream, cogroupOf } from './graph-cogrouped-stream.ts';
import {
  aggregateStream,
  aggregateWindows,
  aggregating,
  counting,
  reducing,
} from './operations/aggregate.ts';
import { graphState, type GroupedStreamState, type WindowedStreamState } from './stream-state.ts';
import type {
  KGroupedStream,
  SessionWindowedKStream,
  TimeWindowedKStream,
  WindowedKStream,
} from './streams-and-tables.ts';
import type { AnyWindows } from './window-kinds.ts';
import type { Wrap } from './wrap.ts';

export function groupedStream<K, V>(state: GroupedStreamState<K, V>, wrap: Wrap): KGroupedStream<K, V> {
  const grouped: KGroupedStream<K, V> = {
    [graphState]: state,
    count: (materialized, named) =>
      wrap.table(aggregateStream<K, V, number>(state, counting, { materialized, named })),
    reduce(reducer, materialized, named) {
      const aggregation = reducing<K, V>(reducer, state.valueSerde);
      return wrap.table(aggregateStream(state, aggregation, { materialized, named }));
    },
    aggregate(initialize, aggregator, materialized, named) {
      const aggregation = aggregating(initialize, aggregator);
      return wrap.table(aggregateStream(state, aggregation, { materialized, named }));
    },
    cogroup: (aggregator) => cogroupedStream(cogroupOf(grouped, aggregator), wrap),
    windowedBy(windows: AnyWindows): TimeWindowedKStream<K, V> & SessionWindowedKStream<K, V> {
      const windowed = { grouped: state, windows, emitStrategy: onWindowUpdate, onLate: undefined };
      return (windows.kind === 'session' ? bySession(windowed, wrap) : byTime(windowed, wrap)) as never;
    },
  };
  return grouped;
}

const byTime = <K, V>(state: WindowedStreamState<K, V>, wrap: Wrap): TimeWindowedKStream<K, V> => ({
  ...windowed(state, wrap, byTime),
  aggregate(initialize, aggregator, materialized, named) {
    const aggregation = aggregating(initialize, aggregator);
    return wrap.table(aggregateWindows(state, aggregation, { materialized, named }));
  },
});

const bySession = <K, V>(state: WindowedStreamState<K, V>, wrap: Wrap): SessionWindowedKStream<K, V> => ({
  ...windowed(state, wrap, bySession),
  aggregate(initialize, aggregator, merger, materialized, named) {
    const aggregation = aggregating(initialize, aggregator, merger);
    return wrap.table(aggregateWindows(state, aggregation, { materialized, named }));
  },
});

/** The methods that windows of all kinds share. */
const windowed = <K, V, Self>(
  state: WindowedStreamState<K, V>,
  wrap: Wrap,
  self: (state: WindowedStreamState<K, V>, wrap: Wrap) => Self,
): WindowedKStream<K, V, Self> => ({
  emitStrategy(emitStrategy) {
    if (emitStrategy === 'on_window_close' && state.windows.kind === 'unlimited') {
      throw new TopologyError(
        'Unlimited windows never close, so onWindowClose would emit nothing: use onWindowUpdate',
      );
    }
    return self({ ...state, emitStrategy }, wrap);
  },
  onLate: (listen) => self({ ...state, onLate: (late) => listen(wrap.stream(late)) }, wrap),
  count: (materialized, named) =>
    wrap.table(aggregateWindows<K, V, number>(state, counting, { materialized, named })),
  reduce(reducer, materialized, named) {
    const aggregation = reducing<K, V>(reducer, state.grouped.valueSerde);
    return wrap.table(aggregateWindows(state, aggregation, { materialized, named }));
  },
});
