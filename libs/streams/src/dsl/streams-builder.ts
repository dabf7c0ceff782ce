import type { ProcessorSupplier } from '../processor/processor.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import type { Topology } from '../topology/topology.ts';
import { groupedStream } from './graph-grouped-stream.ts';
import { graphStream } from './graph-stream.ts';
import { graphTable, groupedTable } from './graph-table.ts';
import type { Consumed } from './options/topics.ts';
import type { Materialized } from './options/stores.ts';
import { globalTableSource, streamSource, tableSource, type GlobalKTable } from './operations/sources.ts';
import { addGlobalStore, addStateStore } from './operations/process.ts';
import { StreamGraph } from './stream-graph.ts';
import { graphState } from './stream-state.ts';
import type { KStream, KTable } from './streams-and-tables.ts';
import type { Wrap } from './wrap.ts';

/** Builds a topology with the same names, stores and topics as Kafka Streams' `StreamsBuilder`. */
export class StreamsBuilder {
  readonly #graph = new StreamGraph();

  /** The records of one topic or of several. */
  stream<K, V>(topics: string | readonly string[], consumed: Consumed<K, V>): KStream<K, V> {
    return wrapStates.stream(streamSource(this.#graph, [topics].flat(), consumed));
  }

  /** The topic as a table. It has a store if it is named or if an operator reads the table. */
  table<K, V>(topic: string, consumed: Consumed<K, V>, materialized?: Materialized<K, V>): KTable<K, V> {
    return wrapStates.table(tableSource(this.#graph, topic, consumed, materialized));
  }

  /** The topic as a table of which every process reads all partitions. */
  globalTable<K, V>(
    topic: string,
    consumed: Consumed<K, V>,
    materialized?: Materialized<K, V>,
  ): GlobalKTable<K, V> {
    const state = globalTableSource(this.#graph, topic, consumed, materialized);
    return { [graphState]: state, queryableStoreName: state.queryableStoreName };
  }

  /** Adds a store for processors. Each processor that uses it names it when it is added. */
  addStateStore(store: StoreSpec): this {
    addStateStore(this.#graph, store);
    return this;
  }

  /**
   * Adds a store that the user's processor fills, in every process, with all records of a topic.
   */
  addGlobalStore<K, V>(
    store: StoreSpec,
    topic: string,
    consumed: Consumed<K, V>,
    supplier: ProcessorSupplier<K, V, never, never>,
  ): this {
    addGlobalStore(this.#graph, store, { topic, consumed, supplier });
    return this;
  }

  /**
   * Builds the topology. Call it once, at the end. Throws `TopologyError` if operators do not fit
   * together.
   */
  build(): Topology {
    return this.#graph.build();
  }
}

const wrapStates: Wrap = {
  stream: (state) => graphStream(state, wrapStates),
  groupedStream: (state) => groupedStream(state, wrapStates),
  groupedTable: (state) => groupedTable(state, wrapStates),
  table: (state) => graphTable(state, wrapStates),
};
