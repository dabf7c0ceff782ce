import {
  branchNode,
  filterNode,
  flatMapNode,
  flatMapValuesNode,
  foreachNode,
  mapNode,
  mapValuesNode,
  peekNode,
  selectKeyNode,
} from '../nodes/stateless.ts';
import type { NodeFactory } from '../processor/node.ts';
import type { ProcessorSupplier } from '../processor/processor.ts';
import { GraphNode, processorNode } from './graph-node.ts';
import { joinStream, type JoinOfStream } from './operations/join-of-stream.ts';
import type { OuterSides } from './operations/stream-join.ts';
import { addUserProcessor, type ProcessOptions } from './operations/process.ts';
import { addSourceTable } from './operations/sources.ts';
import type { Produced } from './options/topics.ts';
import { repartition, repartitionStream } from './repartition.ts';
import { requiredSerde, storePlan, type TableOptions } from './store-plan.ts';
import { graphState, type GroupedStreamState, type StreamState, type TableState } from './stream-state.ts';
import type { BranchedKStream, Branched, KStream, ToTopic } from './streams-and-tables.ts';
import type { Predicate } from './user-functions.ts';
import type { Wrap } from './wrap.ts';

/** The state that a stream loses after an operator that may change its keys or its values. */
const newKey = { keySerde: undefined, repartitionRequired: true };
const newValue = { valueSerde: undefined };
const newBoth = { ...newKey, ...newValue };

/**
 * The operators of a stream. Each generates its name, and adds its node after that of the stream.
 */
export function graphStream<K, V>(state: StreamState<K, V>, wrap: Wrap): KStream<K, V> {
  const { graph } = state;
  const addNode = (name: string, factory: NodeFactory<K, V, never, never>): GraphNode =>
    graph.add(state.node, processorNode({ name, factory: factory as NodeFactory }));
  const add = <KOut, VOut>(
    prefix: string,
    named: string | undefined,
    factory: NodeFactory<K, V, KOut, VOut>,
    changes: Partial<typeof newBoth> = {},
  ): KStream<KOut, VOut> => {
    const name = graph.names.node(prefix, named);
    return wrap.stream(changed<KOut, VOut>({ ...state, name, node: addNode(name, factory), ...changes }));
  };
  const filter = <VOut extends V>(predicate: Predicate<K, V>, named?: string): KStream<K, VOut> =>
    add('KSTREAM-FILTER-', named, filterNode(predicate) as NodeFactory<K, V, K, VOut>);
  const userProcessor = <KOut, VOut>(
    prefix: string,
    supplier: ProcessorSupplier<K, V, KOut, VOut>,
    options: ProcessOptions = {},
    changes: Partial<typeof newBoth>,
  ): KStream<KOut, VOut> => {
    const added = addUserProcessor(state, prefix, supplier, options);
    return wrap.stream(changed<KOut, VOut>({ ...state, ...added, ...changes }));
  };
  const join =
    (outer: OuterSides) =>
    (...others: JoinOfStream) =>
      wrap.stream(joinStream(state, outer, others));
  return {
    [graphState]: state,
    filter,
    filterNot: (predicate, named) => filter((key, value) => !predicate(key, value), named),
    map: (mapper, named) => add('KSTREAM-MAP-', named, mapNode(mapper), newBoth),
    mapValues: (mapper, named) => add('KSTREAM-MAPVALUES-', named, mapValuesNode(mapper), newValue),
    flatMap: (mapper, named) => add('KSTREAM-FLATMAP-', named, flatMapNode(mapper), newBoth),
    flatMapValues: (mapper, named) =>
      add('KSTREAM-FLATMAPVALUES-', named, flatMapValuesNode(mapper), newValue),
    selectKey: (select, named) => add('KSTREAM-KEY-SELECT-', named, selectKeyNode(select), newKey),
    peek: (look, named) => add('KSTREAM-PEEK-', named, peekNode(look)),
    foreach: (act, named) => void addNode(graph.names.node('KSTREAM-FOREACH-', named), foreachNode(act)),
    print({ write, label = state.name, format = (key, value) => `${key}, ${value}`, named }) {
      const printed = (key: K, value: V) => write(`[${label}]: ${format(key, value)}`);
      addNode(graph.names.node('KSTREAM-PRINTER-', named), foreachNode(printed));
    },
    merge: (other, named) => wrap.stream(merged(state, other[graphState], named)),
    split(named) {
      const rules: BranchRule<K, V>[] = [];
      const name = graph.names.node('KSTREAM-BRANCH-', named);
      return branches({ ...state, name, node: addNode(name, branchNode(rules)) }, rules, wrap);
    },
    repartition: (repartitioned = {}) => wrap.stream(repartitionStream(state, repartitioned)),
    toTable: (materialized, named) => wrap.table(toTable(state, { materialized, named })),
    process: (supplier, options) => userProcessor('KSTREAM-PROCESSOR-', supplier, options, newBoth),
    processValues: (supplier, options) =>
      userProcessor('KSTREAM-PROCESSVALUES-', supplier, options, newValue),
    to: (topic, produced) => addSink(state, topic, produced),
    groupByKey(grouped) {
      const { keySerde = state.keySerde, valueSerde = state.valueSerde } = grouped ?? {};
      return wrap.groupedStream(known({ ...state, keySerde, valueSerde, ...group(grouped?.name) }));
    },
    groupBy(select, grouped) {
      const name = graph.names.node('KSTREAM-KEY-SELECT-', grouped?.name);
      const node = addNode(name, selectKeyNode(select));
      const valueSerde = grouped?.valueSerde ?? state.valueSerde;
      const selected = { ...state, name, node, ...newKey, keySerde: grouped?.keySerde, valueSerde };
      return wrap.groupedStream(known({ ...selected, ...group(grouped?.name) }));
    },
    join: join({ left: false, right: false }),
    leftJoin: join({ left: true, right: false }),
    outerJoin: join({ left: true, right: true }),
  };
}

/** Gives the state the types of the operator's result. */
const changed = <K, V>(state: StreamState<unknown, unknown>): StreamState<K, V> => state as StreamState<K, V>;

const group = (repartitionName: string | undefined) => ({
  repartitionName,
  shared: { repartitionNode: undefined },
});

/**
 * Takes null out of a group's types, since an aggregation drops records without a key or a value.
 */
const known = <K, V>(state: GroupedStreamState<K, V>) =>
  state as GroupedStreamState<NonNullable<K>, NonNullable<V>>;

function merged<K, V>(
  stream: StreamState<K, V>,
  other: StreamState<K, V>,
  named?: string,
): StreamState<K, V> {
  const { graph } = stream;
  const name = graph.names.node('KSTREAM-MERGE-', named);
  return {
    graph,
    ...graph.addPass([stream.node, other.node], name),
    keySerde: undefined,
    valueSerde: undefined,
    sources: new Set([...stream.sources, ...other.sources]),
    repartitionRequired: stream.repartitionRequired || other.repartitionRequired,
  };
}

/** Turns a stream into a table of the newest value per key. A null value deletes the row. */
function toTable<K, V>(
  stream: StreamState<K, V>,
  { materialized, named }: TableOptions<K, V>,
): TableState<K, V> {
  const { graph, keySerde, valueSerde } = stream;
  const prefix = 'KSTREAM-TOTABLE-';
  const name = graph.names.node(prefix, named);
  const plan = storePlan(graph.names, materialized, { prefix, keySerde, valueSerde });
  if (!stream.repartitionRequired) return addSourceTable(stream, name, plan);
  const { node, sourceName } = repartition(graph, { ...plan, name });
  return addSourceTable(
    { graph, node: graph.add(stream.node, node), sources: new Set([sourceName]) },
    name,
    plan,
  );
}

/** Writes a stream to one topic, or to the topic that a function chooses for each record. */
function addSink<K, V>(stream: StreamState<K, V>, topic: ToTopic<K, V>, produced?: Produced<K, V>): void {
  const name = stream.graph.names.node('KSTREAM-SINK-', produced?.options.name);
  const owner = typeof topic === 'string' ? `The topic ${topic}` : `The sink ${name}`;
  const remedy = `Name it in produced(...)`;
  const partitionOf = produced?.options.partitioner;
  const keySerde = produced?.keySerde ?? stream.keySerde;
  const valueSerde = produced?.valueSerde ?? stream.valueSerde;
  const partitionKeyOf = keySerde?.partitionKey;
  const node = new GraphNode({
    name,
    write(topology, parents) {
      topology.addSink({
        kind: 'sink',
        name,
        parents,
        keySerde: requiredSerde(keySerde, owner, 'key', remedy),
        valueSerde: requiredSerde(valueSerde, owner, 'value', remedy),
        topic: typeof topic === 'string' ? topic : undefined,
        ...(typeof topic === 'function' && { topicOf: topic }),
        ...(partitionKeyOf !== undefined && { partitionKeyOf }),
        ...(partitionOf !== undefined && { partitionOf }),
      });
    },
  });
  stream.graph.add(stream.node, node);
}

interface BranchRule<K, V> {
  readonly child: string;
  readonly predicate: Predicate<K, V>;
}

/** Divides a stream. Branches can be added until the topology is built. */
function branches<K, V>(
  splitter: StreamState<K, V>,
  rules: BranchRule<K, V>[],
  wrap: Wrap,
): BranchedKStream<K, V> {
  const { graph } = splitter;
  const added = new Map<string, KStream<K, V>>();
  const add = (predicate: Predicate<K, V>, { named, chain }: Branched<K, V>, index: number) => {
    const name = `${splitter.name}${named ?? index}`;
    graph.names.node(name);
    rules.push({ child: name, predicate });
    const stream = wrap.stream({ ...splitter, ...graph.addPass(splitter.node, name) });
    const result = chain === undefined ? stream : chain(stream);
    if (result !== undefined) added.set(name, result);
  };
  const branched: BranchedKStream<K, V> = {
    branch(predicate, options = {}) {
      add(predicate, options, rules.length + 1);
      return branched;
    },
    defaultBranch(options = {}) {
      add(() => true, options, 0);
      return added;
    },
    noDefaultBranch: () => added,
  };
  return branched;
}
