import { type SuppressOptions, suppressNode, SuppressedTable } from '../../nodes/suppress.ts';
import type { NodeContext } from '../../processor/node.ts';
import type { RecordContext, Change } from '../../processor/record.ts';
import type { Windowed } from '../../processor/windows.ts';
import type { SuppressBufferSpec } from '../../state/store-spec.ts';
import { TopologyError } from '../../topology/topology-spec.ts';
import { type GraphNode, processorNode } from '../graph-node.ts';
import type { Suppressed } from '../options/suppressed.ts';
import { requiredSerde } from '../store-plan.ts';
import type { TableState } from '../stream-state.ts';

const prefix = 'KTABLE-SUPPRESS-';

/** Holds back updates of a table. A given name uses up no index, as in Kafka Streams. */
export function suppress<K, V>(table: TableState<K, V>, suppressed: Suppressed): TableState<K, V> {
  const { graph, node: parent } = table;
  const { name: given } = suppressed.options;
  const name = given ?? graph.names.node(prefix);
  const timing = timingOf<K>(suppressed, parent);
  const storeName = given === undefined ? graph.names.store(prefix) : `${given}-store`;
  table.view.enableSendingOldValues(true);
  const view = new SuppressedTable(table.view, storeName);
  const { recordsMax = Infinity, bytesMax = Infinity } = suppressed.options;
  const options = { ...timing, storeName, nodeName: name, recordsMax, bytesMax };
  const node = processorNode({
    name,
    factory: (context: NodeContext<K, Change<V>>) => suppressNode<K, V>(options, context),
    store: () => bufferSpec(table, suppressed, storeName),
  });
  graph.add(parent, node);
  return { ...table, node, name, view, queryableStoreName: undefined };
}

type Timing<K> = Pick<SuppressOptions<K>, 'waitMs' | 'whenFull' | 'dropsTombstones' | 'bufferTimeMs'>;

function timingOf<K>(suppressed: Suppressed, parent: GraphNode): Timing<K> {
  if (suppressed.until === 'time_limit') {
    return {
      waitMs: suppressed.waitMs,
      whenFull: suppressed.options.whenFull ?? 'emit_early',
      dropsTombstones: false,
      bufferTimeMs: (_key: K, { timestampMs }: RecordContext) => timestampMs,
    };
  }
  return {
    waitMs: closeDelayMs(parent, []),
    whenFull: 'shut_down',
    dropsTombstones: true,
    bufferTimeMs: (key: K) => (key as Windowed<unknown>).window.endMs,
  };
}

/**
 * The grace period of the windowed aggregation upstream, or the largest one if there are several.
 */
function closeDelayMs(node: GraphNode, path: readonly string[]): number {
  if (node.parts.gracePeriodMs !== undefined) return node.parts.gracePeriodMs;
  if (node.parents.size === 0) {
    throw new TopologyError(
      `Only a window can close, and no operator before ${path.join(', ')} makes windows. ` +
        'Use windowedBy(...), or suppress with untilTimeLimit(...)',
    );
  }
  return Math.max(...[...node.parents].map((parent) => closeDelayMs(parent, [node.name, ...path])));
}

function bufferSpec<K, V>(
  table: TableState<K, V>,
  { options }: Suppressed,
  storeName: string,
): SuppressBufferSpec<K, V> {
  const owner = `The store ${storeName}`;
  const remedy = 'Name it in the materialized(...) of the table';
  return {
    kind: 'suppress_buffer',
    name: storeName,
    keySerde: requiredSerde(table.keySerde, owner, 'key', remedy),
    valueSerde: requiredSerde(table.valueSerde, owner, 'value', remedy),
    logConfigs: options.logging === false ? undefined : (options.logConfigs ?? {}),
    hasOwnLimits: options.recordsMax !== undefined || options.bytesMax !== undefined,
  };
}
