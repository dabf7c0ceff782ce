import type { SessionWindows } from '../processor/session-windows.ts';
import type { SlidingWindows } from '../processor/sliding-windows.ts';
import type { TimeWindows } from '../processor/time-windows.ts';
import type { CogroupedState } from './cogrouped-state.ts';
import { cogroup, windowedCogroup } from './operations/cogroup.ts';
import type { Materialized } from './options/materialized.ts';
import { graphState } from './stream-state.ts';
import type {
  CogroupedKStream,
  KGroupedStream,
  KTable,
  SessionWindowedCogroupedKStream,
  TimeWindowedCogroupedKStream,
} from './streams-and-tables.ts';
import type { AnyWindows } from './window-kinds.ts';
import type { Aggregator } from './user-functions.ts';
import type { Wrap } from './wrap.ts';

export class GraphCogroupedStream<K, A> implements CogroupedKStream<K, A> {
  readonly #state: CogroupedState<K, A>;
  readonly #wrap: Wrap;

  constructor(state: CogroupedState<K, A>, wrap: Wrap) {
    this.#state = state;
    this.#wrap = wrap;
  }

  cogroup<V>(stream: KGroupedStream<K, V>, aggregator: Aggregator<K, V, A>): CogroupedKStream<K, A> {
    return new GraphCogroupedStream(withMember(this.#state, stream, aggregator), this.#wrap);
  }

  aggregate(initialize: () => A, materialized?: Materialized<K, A>, named?: string): KTable<K, A> {
    return this.#wrap.table(cogroup(this.#state, initialize, { materialized, named }));
  }

  windowedBy(windows: TimeWindows | SlidingWindows): TimeWindowedCogroupedKStream<K, A>;
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedKStream<K, A>;
  windowedBy(
    windows: AnyWindows,
  ): TimeWindowedCogroupedKStream<K, A> | SessionWindowedCogroupedKStream<K, A> {
    const add = (
      aggregators: { initialize(): A; merge(key: K, one: A | null, other: A | null): A | null },
      materialized: Materialized<K, A> | undefined,
      named: string | undefined,
    ) => this.#wrap.table(windowedCogroup(this.#state, windows, aggregators, { materialized, named }));
    const bySession: SessionWindowedCogroupedKStream<K, A> = {
      aggregate: (initialize, merger, materialized, named) =>
        add(
          { initialize, merge: (key, one, other) => merger(key, one as A, other as A) },
          materialized,
          named,
        ),
    };
    const byTime: TimeWindowedCogroupedKStream<K, A> = {
      aggregate: (initialize, materialized, named) =>
        add({ initialize, merge: (_key, one) => one }, materialized, named),
    };
    return windows.kind === 'session' ? bySession : byTime;
  }
}

/** The first member decides where the cogroup stands in the graph. */
export const cogroupOf = <K, V, A>(
  stream: KGroupedStream<K, V>,
  aggregator: Aggregator<K, V, A>,
): CogroupedState<K, A> =>
  withMember({ graph: stream[graphState].graph, members: [], repartitions: new Map() }, stream, aggregator);

/** A stream that is a member already keeps its place and gets the new aggregator. */
function withMember<K, V, A>(
  { graph, members, repartitions }: CogroupedState<K, A>,
  stream: KGroupedStream<K, V>,
  aggregator: Aggregator<K, V, A>,
): CogroupedState<K, A> {
  const grouped = stream[graphState] as CogroupedState<K, A>['members'][number]['grouped'];
  const member = {
    grouped,
    aggregate: (key: K, value: unknown, aggregate: A | null) => aggregator(key, value as V, aggregate as A),
  };
  const isMember = members.some((other) => other.grouped === grouped);
  const replaced = members.map((other) => (other.grouped === grouped ? member : other));
  return { graph, repartitions, members: isMember ? replaced : [...members, member] };
}
