import { passNode } from '../../nodes/stateless.ts';
import { streamAggregateNode } from '../../nodes/aggregate.ts';
import type { LateOutputs } from '../../nodes/windowed-aggregation.ts';
import { type ReadableTable, readableStore, StoredTable } from '../../nodes/table-view.ts';
import type { NodeFactory } from '../../processor/node.ts';
import { type Windowed, onWindowUpdate } from '../../processor/windows.ts';
import type { Serde } from '../../serdes/serde.ts';
import type { StoreSpec } from '../../state/store-spec.ts';
import { GraphNode } from '../graph-node.ts';
import { repartition } from '../repartition.ts';
import { keyValueStoreSpec, type StorePlan, storePlan } from '../store-plan.ts';
import type { StreamGraph } from '../stream-graph.ts';
import type { StreamState, TableState, CogroupedState, CogroupMember } from '../stream-state.ts';
import {
  type AnyWindows,
  closeDelayMs,
  readableWindows,
  windowedKeySerde,
  windowedNode,
  windowedStoreSpec,
} from '../window-kinds.ts';
import { addOutput, lateOutputs } from './windowed-aggregate.ts';
import type { AggregateOptions } from './stream-aggregate.ts';

const aggregatePrefix = 'COGROUPKSTREAM-AGGREGATE-';

/** Aggregates all members of a cogroup into one table with one store. */
export function cogroup<K, A>(
  cogrouped: CogroupedState<K, A>,
  initialize: () => A,
  { materialized, named }: AggregateOptions<K, A>,
): TableState<K, A> {
  const plan = planStore(cogrouped, materialized);
  return addCogroup(cogrouped, named, {
    plan,
    keySerde: plan.keySerde,
    readable: readableStore<K, A>(plan.name),
    storeSpec: () => keyValueStoreSpec(plan),
    nodeOf:
      ({ aggregate }, sendOldValues) =>
      (context) =>
        streamAggregateNode(
          { storeName: plan.name, initial: initialize, aggregate, sendOldValues: sendOldValues() },
          context,
        ),
  });
}

/** The same by windows. `merge` joins sessions; windows of the other kinds never need it. */
export function windowedCogroup<K, A>(
  cogrouped: CogroupedState<K, A>,
  { windows, onLate }: CogroupWindows<K>,
  { initialize, merge }: { initialize(): A; merge(key: K, one: A | null, other: A | null): A | null },
  { materialized, named }: AggregateOptions<K, A>,
): TableState<Windowed<K>, A> {
  const plan = planStore(cogrouped, materialized);
  const common = { storeName: plan.name, emitStrategy: onWindowUpdate, initialize, merge };
  return addCogroup<K, Windowed<K>, A>(cogrouped, named, {
    plan,
    keySerde: plan.keySerde && windowedKeySerde(windows, plan.keySerde),
    readable: readableWindows<K, A>(windows, plan.name),
    storeSpec: () => windowedStoreSpec(windows, plan, onWindowUpdate),
    gracePeriodMs: closeDelayMs(windows),
    onLate,
    nodeOf:
      ({ aggregate }, sendOldValues, outputs) =>
      (context) =>
        windowedNode(windows, { ...common, aggregate, outputs, sendOldValues: sendOldValues() }, context),
  });
}

/** How a cogroup is windowed. */
export interface CogroupWindows<K> {
  readonly windows: AnyWindows;
  /** Called once per member with its late records. If undefined, the graph has no nodes for them. */
  readonly onLate: ((late: StreamState<K, unknown>) => void) | undefined;
}

const planStore = <K, A>(
  { graph, members }: CogroupedState<K, A>,
  materialized: AggregateOptions<K, A>['materialized'],
): StorePlan<K, A> =>
  storePlan(graph.names, materialized, { prefix: aggregatePrefix, keySerde: members[0]?.grouped.keySerde });

interface CogroupPlan<K, KOut, A> {
  readonly plan: StorePlan<K, A>;
  readonly keySerde: Serde<KOut> | undefined;
  readonly readable: ReadableTable<KOut, A>;
  readonly storeSpec: () => StoreSpec;
  readonly gracePeriodMs?: number;
  readonly onLate?: CogroupWindows<K>['onLate'];
  nodeOf(
    member: CogroupMember<K, A>,
    sendOldValues: () => boolean,
    outputs: LateOutputs | undefined,
  ): NodeFactory;
}

function addCogroup<K, KOut, A>(
  cogrouped: CogroupedState<K, A>,
  named: string | undefined,
  { plan, keySerde, readable, storeSpec, gracePeriodMs, onLate, nodeOf }: CogroupPlan<K, KOut, A>,
): TableState<KOut, A> {
  const { graph, members } = cogrouped;
  const parents = members.map((member) => parentOf(cogrouped, member, plan.name));
  const sources = new Set(parents.flatMap((parent) => [...parent.sources]));
  graph.copartition(sources);
  const view = new StoredTable<KOut, A>(readable);
  let spec: StoreSpec | undefined;
  const late: StreamState<K, unknown>[] = [];
  const aggregations = members.map((member, index) => {
    const name = graph.names.suffixedNode(aggregatePrefix, named, `-cogroup-agg-${index}`);
    const outputs = onLate && lateOutputs(name);
    const node = new GraphNode({
      name,
      ...(gracePeriodMs !== undefined && { gracePeriodMs }),
      write(topology, parentNames) {
        const factory = nodeOf(member, () => view.sendsOldValues, outputs);
        topology.addProcessor({ name, parents: parentNames, factory });
        spec ??= storeSpec();
        topology.addStore(spec, name);
      },
    });
    const parent = parents[index] as Parent;
    const added = graph.add(parent.node, node);
    if (outputs === undefined) return added;
    const { sources } = parent;
    const output = addOutput({ graph, node: added }, outputs.late);
    late.push({ ...member.grouped, ...output, sources, repartitionRequired: false });
    return addOutput({ graph, node: added }, outputs.updates).node;
  });
  const { node, name } = addMerge(graph, aggregations, named);
  // Listeners come last, so the names that they draw do not shift those of Kafka Streams.
  if (onLate !== undefined) late.forEach(onLate);
  const queryableStoreName = plan.isQueryable ? plan.name : undefined;
  return { graph, node, name, sources, keySerde, valueSerde: plan.valueSerde, view, queryableStoreName };
}

interface Parent {
  readonly node: GraphNode;
  readonly sources: ReadonlySet<string>;
}

/** Repartitions a member if its key may have changed. Draws the indexes each time, as Kafka Streams does. */
function parentOf<K, A>(
  { graph, repartitions }: CogroupedState<K, A>,
  { grouped }: CogroupMember<K, A>,
  storeName: string,
): Parent {
  if (!grouped.repartitionRequired) return grouped;
  const { keySerde, valueSerde, repartitionName } = grouped;
  const planned = repartition(graph, { name: repartitionName ?? storeName, keySerde, valueSerde });
  const known = repartitions.get(grouped);
  if (known === undefined) {
    graph.add(grouped.node, planned.node);
    repartitions.set(grouped, planned);
  }
  const { node, sourceName } = known ?? planned;
  return { node, sources: new Set([sourceName]) };
}

function addMerge(
  graph: StreamGraph,
  aggregations: readonly GraphNode[],
  named: string | undefined,
): { readonly node: GraphNode; readonly name: string } {
  const name = graph.names.suffixedNode('COGROUPKSTREAM-MERGE-', named, '-cogroup-merge');
  const node = new GraphNode({
    name,
    write: (topology, parents) => topology.addProcessor({ name, parents, factory: passNode() }),
  });
  return { node: graph.add(aggregations, node), name };
}
