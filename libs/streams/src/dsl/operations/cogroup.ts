import { StoredTable } from '../../nodes/table-view.ts';
import { onWindowUpdate, type Windowed } from '../../processor/windows.ts';
import type { StoreSpec } from '../../state/store-spec.ts';
import { repartition } from '../repartition.ts';
import { planned, type StorePlan, storePlan, type TableOptions } from '../store-plan.ts';
import type { CogroupedState, CogroupMember, StreamState, TableState } from '../stream-state.ts';
import type { SessionMerger } from '../user-functions.ts';
import type { AnyWindows } from '../window-kinds.ts';
import {
  aggregationNode,
  type Aggregators,
  byKey,
  byWindow,
  lateOutputs,
  mergeOf,
  type Parent,
  type ResultPlan,
} from './aggregate.ts';

const cogroupPrefix = 'COGROUPKSTREAM-AGGREGATE-';

/** How a cogroup is windowed. */
export interface CogroupWindows<K> {
  readonly windows: AnyWindows;
  /** Called once per member with its late records. If undefined, the graph has no nodes for them. */
  readonly onLate: ((late: StreamState<K, unknown>) => void) | undefined;
}

/** Aggregates all members of a cogroup into one table with one store. */
export function cogroup<K, A>(
  cogrouped: CogroupedState<K, A>,
  initialize: () => A,
  options: TableOptions<K, A>,
): TableState<K, A> {
  const result = byKey(cogroupStore(cogrouped, options));
  const aggregation = { initialize, merge: mergeOf<K, A>(undefined) };
  return addCogroup(cogrouped, result, { aggregation, named: options.named, onLate: undefined });
}

/** Like `cogroup`, with a result for each window. */
export function windowedCogroup<K, A>(
  cogrouped: CogroupedState<K, A>,
  { windows, onLate }: CogroupWindows<K>,
  { initialize, merger }: { initialize(): A; readonly merger?: SessionMerger<K, A> },
  options: TableOptions<K, A>,
): TableState<Windowed<K>, A> {
  const result = byWindow(cogroupStore(cogrouped, options), windows, onWindowUpdate);
  const aggregation = { initialize, merge: mergeOf(merger) };
  return addCogroup(cogrouped, result, { aggregation, named: options.named, onLate });
}

const cogroupStore = <K, A>(
  { graph, members }: CogroupedState<K, A>,
  { materialized }: TableOptions<K, A>,
): StorePlan<K, A> =>
  storePlan(graph.names, materialized, { prefix: cogroupPrefix, keySerde: members[0]?.grouped.keySerde });

interface CogroupParts<K, A> {
  readonly aggregation: Omit<Aggregators<K, unknown, A>, 'aggregate'>;
  readonly named: string | undefined;
  readonly onLate: CogroupWindows<K>['onLate'];
}

function addCogroup<K, KOut, A>(
  cogrouped: CogroupedState<K, A>,
  result: ResultPlan<K, KOut, A>,
  { aggregation, named, onLate }: CogroupParts<K, A>,
): TableState<KOut, A> {
  const { graph, members } = cogrouped;
  const parents = members.map((member) => parentOf(cogrouped, member, result.store.name));
  const sources = new Set(parents.flatMap((parent) => [...parent.sources]));
  graph.copartition(sources);
  const view = new StoredTable<KOut, A>(result.readable);
  let spec: StoreSpec | undefined;
  const shared = { ...result, storeSpec: () => (spec ??= result.storeSpec()) };
  const late: StreamState<K, unknown>[] = [];
  const aggregations = members.map(({ grouped, aggregate }, index) => {
    const name = graph.names.suffixedNode(cogroupPrefix, named, `-cogroup-agg-${index}`);
    const outputs = onLate && lateOutputs(name);
    const parent = parents[index] as Parent;
    const parts = { ...aggregation, aggregate, view, outputs };
    const node = graph.add(parent.node, aggregationNode(name, shared, parts));
    if (outputs === undefined) return node;
    const output = graph.addPass(node, outputs.late);
    late.push({ ...grouped, ...output, sources: parent.sources, repartitionRequired: false });
    return graph.addPass(node, outputs.updates).node;
  });
  const merged = graph.names.suffixedNode('COGROUPKSTREAM-MERGE-', named, '-cogroup-merge');
  const output = graph.addPass(aggregations, merged);
  // Listeners come last, so that their generated names do not shift those of Kafka Streams.
  if (onLate !== undefined) late.forEach(onLate);
  return { ...planned(result.store), keySerde: result.keySerde, graph, ...output, sources, view };
}

/**
 * Repartitions a member if its key may have changed. Takes the indexes each time, as Kafka Streams
 * does.
 */
function parentOf<K, A>(
  { graph, repartitions }: CogroupedState<K, A>,
  { grouped }: CogroupMember<K, A>,
  storeName: string,
): Parent {
  if (!grouped.repartitionRequired) return grouped;
  const { keySerde, valueSerde, repartitionName } = grouped;
  const drawn = repartition(graph, { name: repartitionName ?? storeName, keySerde, valueSerde });
  const known = repartitions.get(grouped);
  if (known === undefined) {
    graph.add(grouped.node, drawn.node);
    repartitions.set(grouped, drawn);
  }
  const { node, sourceName } = known ?? drawn;
  return { node, sources: new Set([sourceName]) };
}
