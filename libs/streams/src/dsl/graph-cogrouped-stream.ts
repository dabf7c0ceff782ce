import { cogroup, type CogroupWindows, windowedCogroup } from './operations/cogroup.ts';
import { graphState, type CogroupedState } from './stream-state.ts';
import type {
  CogroupedKStream,
  KGroupedStream,
  KStream,
  SessionWindowedCogroupedKStream,
  TimeWindowedCogroupedKStream,
} from './streams-and-tables.ts';
import type { Aggregator } from './user-functions.ts';
import type { AnyWindows } from './window-kinds.ts';
import type { Wrap } from './wrap.ts';

export function cogroupedStream<K, A>(state: CogroupedState<K, A>, wrap: Wrap): CogroupedKStream<K, A> {
  const listening = (
    { windows }: CogroupWindows<K>,
    listen: (late: KStream<K, unknown>) => void,
  ): CogroupWindows<K> => ({ windows, onLate: (late) => listen(wrap.stream(late)) });

  const byTime = (windowed: CogroupWindows<K>): TimeWindowedCogroupedKStream<K, A> => ({
    onLate: (listen) => byTime(listening(windowed, listen)),
    aggregate: (initialize, materialized, named) =>
      wrap.table(windowedCogroup(state, windowed, { initialize }, { materialized, named })),
  });

  const bySession = (windowed: CogroupWindows<K>): SessionWindowedCogroupedKStream<K, A> => ({
    onLate: (listen) => bySession(listening(windowed, listen)),
    aggregate: (initialize, merger, materialized, named) =>
      wrap.table(windowedCogroup(state, windowed, { initialize, merger }, { materialized, named })),
  });

  return {
    cogroup: (stream, aggregator) => cogroupedStream(withMember(state, stream, aggregator), wrap),
    aggregate: (initialize, materialized, named) =>
      wrap.table(cogroup(state, initialize, { materialized, named })),
    windowedBy(
      windows: AnyWindows,
    ): TimeWindowedCogroupedKStream<K, A> & SessionWindowedCogroupedKStream<K, A> {
      const windowed = { windows, onLate: undefined };
      return (windows.kind === 'session' ? bySession(windowed) : byTime(windowed)) as never;
    },
  };
}

/** Begins a cogroup. Its place in the graph is that of its first member. */
export const cogroupOf = <K, V, A>(
  stream: KGroupedStream<K, V>,
  aggregator: Aggregator<K, V, A>,
): CogroupedState<K, A> =>
  withMember({ graph: stream[graphState].graph, members: [], repartitions: new Map() }, stream, aggregator);

/** Adds a member. A stream that is a member already keeps its place and gets the new aggregator. */
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
