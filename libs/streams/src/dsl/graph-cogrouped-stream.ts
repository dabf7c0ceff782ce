import type {
  TimeWindows,
  SlidingWindows,
  SessionWindows,
  UnlimitedWindows,
  Windowed,
} from '../processor/windows.ts';
import { cogroup, type CogroupWindows, windowedCogroup } from './operations/cogroup.ts';
import type { AggregateOptions } from './operations/stream-aggregate.ts';
import type { Materialized } from './options/stores.ts';
import { graphState, type CogroupedState } from './stream-state.ts';
import type {
  CogroupedKStream,
  KGroupedStream,
  KStream,
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

  windowedBy(windows: TimeWindows | UnlimitedWindows | SlidingWindows): TimeWindowedCogroupedKStream<K, A>;
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedKStream<K, A>;
  windowedBy(
    windows: AnyWindows,
  ): TimeWindowedCogroupedKStream<K, A> | SessionWindowedCogroupedKStream<K, A> {
    const windowed = { windows, onLate: undefined };
    return windows.kind === 'session' ? this.#bySession(windowed) : this.#byTime(windowed);
  }

  #byTime(windowed: CogroupWindows<K>): TimeWindowedCogroupedKStream<K, A> {
    return {
      onLate: (listen) => this.#byTime(this.#listening(windowed, listen)),
      aggregate: (initialize, materialized, named) =>
        this.#windowed(windowed, { initialize, merge: (_key, one) => one }, { materialized, named }),
    };
  }

  #bySession(windowed: CogroupWindows<K>): SessionWindowedCogroupedKStream<K, A> {
    return {
      onLate: (listen) => this.#bySession(this.#listening(windowed, listen)),
      aggregate: (initialize, merger, materialized, named) => {
        const merge: Merge<K, A> = (key, one, other) => merger(key, one as A, other as A);
        return this.#windowed(windowed, { initialize, merge }, { materialized, named });
      },
    };
  }

  #listening({ windows }: CogroupWindows<K>, listen: (late: KStream<K, unknown>) => void): CogroupWindows<K> {
    return { windows, onLate: (late) => listen(this.#wrap.stream(late)) };
  }

  #windowed(
    windowed: CogroupWindows<K>,
    aggregators: { readonly initialize: () => A; readonly merge: Merge<K, A> },
    options: AggregateOptions<K, A>,
  ): KTable<Windowed<K>, A> {
    return this.#wrap.table(windowedCogroup(this.#state, windowed, aggregators, options));
  }
}

type Merge<K, A> = (key: K, one: A | null, other: A | null) => A | null;

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
