import type { Node } from '../processor/node.ts';
import type { NodeSpec } from '../topology/topology-spec.ts';
import type { ProcessingState } from './processing-state.ts';
import type { RecordCollector } from './record-collector.ts';
import { sinkNode } from './sink-node.ts';
import { TaskNodeContext } from './task-node-context.ts';

interface TaskNodeParts {
  readonly specs: readonly NodeSpec[];
  readonly state: ProcessingState;
  readonly collector: RecordCollector;
  readonly topicName: (topic: string) => string;
}

/** The running nodes of a task. Children are connected in the order in which they were added. */
export class TaskNodes {
  readonly #nodes = new Map<string, Node>();
  readonly #closers: readonly (() => void)[];

  constructor({ specs, state, collector, topicName }: TaskNodeParts) {
    this.#closers = state.closers;
    const contexts = new Map<string, TaskNodeContext>();
    for (const spec of specs) {
      const storeNames = spec.kind === 'processor' ? spec.storeNames : [];
      const context = new TaskNodeContext(spec.name, state, storeNames);
      contexts.set(spec.name, context);
      const node = runningNode(spec, context, { state, collector, topicName });
      this.#nodes.set(spec.name, node);
      if (spec.kind === 'source') continue;
      const isSink = spec.kind === 'sink';
      for (const parent of spec.parents) contexts.get(parent)?.addChild({ name: spec.name, node, isSink });
    }
  }

  get(name: string): Node {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new TypeError(`The task has no node ${name}`);
    return node;
  }

  /** Closes the nodes, those upstream first. Throws the first error after it has closed all. */
  close(): void {
    const errors: unknown[] = [];
    const closers = [...this.#nodes.values()].map((node) => () => node.close?.());
    for (const close of closers.concat(this.#closers)) {
      try {
        close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

function runningNode(
  spec: NodeSpec,
  context: TaskNodeContext,
  { state, collector, topicName }: Pick<TaskNodeParts, 'state' | 'collector' | 'topicName'>,
): Node {
  switch (spec.kind) {
    case 'source':
      return { process: (record) => context.forward(record) };
    case 'processor':
      return spec.factory(context);
    case 'sink':
      return sinkNode(
        { spec, collector, topicName, notEncoded: (topic, error) => state.notEncoded(topic, error) },
        context,
      );
  }
}
