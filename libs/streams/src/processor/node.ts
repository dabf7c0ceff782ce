import type { NodeContext } from './node-context.ts';
import type { StreamRecord } from './record.ts';

/** One node of a task that runs. */
export interface Node<K = unknown, V = unknown> {
  process(record: StreamRecord<K, V>): void;
  close?(): void;
}

/** Makes the node of one task. The stores of the task are open, and its children exist. */
export type NodeFactory<KIn = unknown, VIn = unknown, KOut = unknown, VOut = unknown> = (
  context: NodeContext<KOut, VOut>,
) => Node<KIn, VIn>;
