import type { NodeFactory } from '../processor/node.ts';
import type { ProcessorSupplier } from '../processor/processor.ts';

/** A node with code of the user. */
export const userProcessorNode =
  <K, V, KOut, VOut>(supplier: ProcessorSupplier<K, V, KOut, VOut>): NodeFactory<K, V, KOut, VOut> =>
  (context) => {
    const processor = supplier();
    processor.init?.(context);
    return processor;
  };
