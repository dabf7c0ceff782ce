import type { OffsetReset } from '../topology/topology-spec.ts';
import type { TopologyBuilder } from '../topology/topology-builder.ts';

/** The filter in front of a repartition topic, which may drop records without a key. */
export interface RepartitionFilter {
  dropsNullKeys: boolean;
}

interface GraphNodeParts {
  readonly name: string;
  /** Adds what the node stands for. Called once, after all parents were written. */
  readonly write: (topology: TopologyBuilder, parents: readonly string[]) => void;
  /** The topics of a stream's source, which may be merged with another source of the same topics. */
  readonly source?: { readonly topics: readonly string[]; readonly offsetReset: OffsetReset | undefined };
  readonly repartitionFilter?: RepartitionFilter;
  /** A join that emits records without a key: no repartition upstream may drop them. */
  readonly keepsNullKeys?: boolean;
  /** The time that a windowed aggregation waits for late records, for `suppress` downstream. */
  readonly gracePeriodMs?: number;
}

/** One call of the DSL, before it becomes nodes of a topology. */
export class GraphNode {
  readonly name: string;
  readonly source: GraphNodeParts['source'];
  readonly repartitionFilter: RepartitionFilter | undefined;
  readonly keepsNullKeys: boolean;
  readonly gracePeriodMs: number | undefined;
  readonly children = new Set<GraphNode>();
  readonly parents = new Set<GraphNode>();
  /** The repartition that joins of this stream share, if they have no name of their own. */
  joinRepartition: GraphNode | undefined;
  /** Nodes are written in this order as far as their parents allow it. */
  buildPriority = -1;
  #written = false;
  readonly #write: GraphNodeParts['write'];

  constructor(parts: GraphNodeParts) {
    this.name = parts.name;
    this.source = parts.source;
    this.repartitionFilter = parts.repartitionFilter;
    this.keepsNullKeys = parts.keepsNullKeys ?? false;
    this.gracePeriodMs = parts.gracePeriodMs;
    this.#write = parts.write;
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
