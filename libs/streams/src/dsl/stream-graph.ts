import { passNode } from '../nodes/stateless.ts';
import { TopologyBuilder } from '../topology/topology-builder.ts';
import { TopologyError } from '../topology/topology-spec.ts';
import type { Topology } from '../topology/topology.ts';
import { GraphNode, processorNode } from './graph-node.ts';
import { OperatorNames } from './operator-names.ts';

/** The graph that the calls of the DSL build. It becomes a topology once, when it is built. */
export class StreamGraph {
  readonly names = new OperatorNames();
  /** The parent of sources and of stores that no operator owns. */
  readonly root = new GraphNode({ name: 'root', write: () => undefined });
  readonly #copartitionedSources: (readonly string[])[] = [];
  #nextPriority = 0;
  #built: Topology | undefined;

  add(parents: GraphNode | readonly GraphNode[], node: GraphNode): GraphNode {
    if (this.#built !== undefined) {
      throw new TopologyError(`${node.name} was added after the topology was built`);
    }
    for (const parent of [parents].flat()) {
      parent.addChild(node);
      node.buildPriority = this.#nextPriority;
      this.#nextPriority += 1;
    }
    return node;
  }

  /** Adds a node that forwards records. Its name is given, so it uses up no index. */
  addPass(parents: GraphNode | readonly GraphNode[], name: string): { name: string; node: GraphNode } {
    return { name, node: this.add(parents, processorNode({ name, factory: passNode() })) };
  }

  copartition(sourceNames: Iterable<string>): void {
    this.#copartitionedSources.push([...sourceNames]);
  }

  /** Returns the same topology at each call. */
  build(): Topology {
    this.#built ??= this.#write();
    return this.#built;
  }

  #write(): Topology {
    this.#mergeSources();
    dropNullKeysBeforeRepartition(this.root);
    const topology = new TopologyBuilder();
    const waiting = [this.root];
    while (waiting.length > 0) {
      const node = takeFirst(waiting);
      node.writeOnce(topology);
      waiting.push(...node.children);
    }
    this.#copartitionedSources.forEach((sourceNames) => topology.copartition(sourceNames));
    return topology.build();
  }

  /** Merges sources of the same topics, so that a topic is read once. */
  #mergeSources(): void {
    const byTopic = new Map<string, GraphNode>();
    for (const node of [...this.root.children]) {
      for (const topic of node.parts.source?.topics ?? []) {
        const first = byTopic.get(topic);
        if (first === undefined) byTopic.set(topic, node);
        else if (first !== node) this.#merge(first, node);
      }
    }
  }

  #merge(first: GraphNode, other: GraphNode): void {
    const topics = (node: GraphNode) => [...new Set(node.parts.source?.topics)].sort();
    if (topics(first).join() !== topics(other).join()) {
      throw new TopologyError(
        `The sources ${first.name} (${topics(first).join()}) and ${other.name} (${topics(other).join()}) ` +
          'overlap but are not equal. Give them the same topics or no common one',
      );
    }
    if (first.parts.source?.offsetReset !== other.parts.source?.offsetReset) {
      throw new TopologyError(
        `The sources ${first.name} and ${other.name} read ${topics(first).join()} with different offset resets`,
      );
    }
    for (const child of [...other.children]) {
      other.removeChild(child);
      first.addChild(child);
    }
    this.root.removeChild(other);
  }
}

function takeFirst(waiting: GraphNode[]): GraphNode {
  const first = waiting.reduce((one, other) => (other.buildPriority < one.buildPriority ? other : one));
  waiting.splice(waiting.indexOf(first), 1);
  return first;
}

/** Drops records without a key before a repartition topic, unless a join downstream emits them. */
function dropNullKeysBeforeRepartition(root: GraphNode): void {
  const keepsNullKeys = new Map<GraphNode, boolean>();
  const visit = (node: GraphNode): boolean => {
    const known = keepsNullKeys.get(node);
    if (known !== undefined) return known;
    const kept = [...node.children]
      .map((child) => visit(child) || child.parts.keepsNullKeys === true)
      .some(Boolean);
    keepsNullKeys.set(node, kept);
    if (node.parts.repartitionFilter !== undefined) node.parts.repartitionFilter.dropsNullKeys = !kept;
    return kept;
  };
  visit(root);
}
