import type { NodeFactory } from '../processor/node.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import type { TopologyBuilder } from '../topology/topology-builder.ts';
import type { OffsetReset } from '../topology/topology-spec.ts';

interface GraphNodeParts {
  readonly name: string;
  /** Adds the nodes of the topology. Called once, after all parents have been written. */
  readonly write: (topology: TopologyBuilder, parents: readonly string[]) => void;
  /** The topics of a source, which is merged with another source of the same topics. */
  readonly source?: { readonly topics: readonly string[]; readonly offsetReset: OffsetReset | undefined };
  /** The filter in front of a repartition topic, which may drop records without a key. */
  readonly repartitionFilter?: { dropsNullKeys: boolean };
  /** A join that emits records without a key: no repartition upstream may drop them. */
  readonly keepsNullKeys?: boolean;
  /** How long a windowed aggregation waits for late records. `suppress` downstream uses it. */
  readonly gracePeriodMs?: number | undefined;
}

/** One call of the DSL, before it becomes nodes of a topology. */
export class GraphNode {
  readonly name: string;
  readonly parts: Omit<GraphNodeParts, 'name' | 'write'>;
  readonly children = new Set<GraphNode>();
  readonly parents = new Set<GraphNode>();
  /** The repartition that this stream's joins without a name share. */
  joinRepartition: GraphNode | undefined;
  /** The position in which nodes are written, as far as their parents allow it. */
  buildPriority = -1;
  #written = false;
  readonly #write: GraphNodeParts['write'];

  constructor({ name, write, ...parts }: GraphNodeParts) {
    this.name = name;
    this.#write = write;
    this.parts = parts;
  }

  addChild(child: GraphNode): void {
    this.children.add(child);
    child.parents.add(this);
  }

  removeChild(child: GraphNode): void {
    this.children.delete(child);
    child.parents.delete(this);
  }

  writeOnce(topology: TopologyBuilder): void {
    if (this.#written || ![...this.parents].every((parent) => parent.#written)) return;
    this.#write(
      topology,
      [...this.parents].map(({ name }) => name),
    );
    this.#written = true;
  }
}

interface ProcessorParts extends Pick<GraphNodeParts, 'name' | 'keepsNullKeys' | 'gracePeriodMs'> {
  readonly factory: NodeFactory;
  /** Creates the store that the processor owns. Called when the topology is built. */
  readonly store?: () => StoreSpec | undefined;
  /** Stores of other operators that it reads. */
  readonly storeNames?: readonly string[];
}

/** The graph node of a single processor. */
export const processorNode = ({ factory, store, storeNames = [], ...parts }: ProcessorParts): GraphNode =>
  new GraphNode({
    ...parts,
    write(topology, parents) {
      topology.addProcessor({ name: parts.name, parents, factory });
      const spec = store?.();
      if (spec !== undefined) topology.addStore(spec, parts.name);
      topology.connect(parts.name, storeNames);
    },
  });
