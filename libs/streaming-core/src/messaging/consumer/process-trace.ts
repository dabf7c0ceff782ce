import { tracingChannel } from 'node:diagnostics_channel';
import type { TraceCarrier, TraceContext } from '../../contract/index.ts';
import type { Batch, Batches } from './open-batch.ts';
import type { ContextOfMessage, Decoded } from './decode.ts';

/** A message that a transaction handles. */
export interface ProcessedMessage {
  /**
   * The context that its handler receives. Everything that the handler writes carries its trace.
   */
  readonly context: Omit<ContextOfMessage, keyof TraceContext> & TraceCarrier;
  readonly bodyBytes: number;
}

/**
 * The report on `tracing:millrace.consumer.process` about one transaction. Its messages may belong
 * to different traces.
 */
export interface ProcessReport {
  readonly group: string;
  readonly messages: readonly ProcessedMessage[];
}

const processing = tracingChannel<unknown, ProcessReport>('millrace.consumer.process');

/**
 * Reports the transaction that `work` runs. `work` receives the batches with the contexts that
 * subscribers of the report have set.
 */
export function reportProcessing<Result>(
  batches: Batches,
  work: (batches: Batches) => Promise<Result>,
): Promise<Result> {
  if (!processing.hasSubscribers) return work(batches);
  const [first, ...others] = batches;
  const carrying: Batches = [withOwnContexts(first), ...others.map(withOwnContexts)];
  const messages = carrying.flatMap(({ items }) => items.flatMap(toProcessed));
  if (messages.length === 0) return work(batches);
  return processing.tracePromise(() => work(carrying), { group: first.row.group, messages });
}

/**
 * Copies the contexts, because the batch may be retried and must not keep what subscribers set now.
 */
const withOwnContexts = (batch: Batch): Batch => ({
  ...batch,
  items: batch.items.map((item) =>
    item.kind === 'handle' ? { ...item, context: { ...item.context } } : item,
  ),
});

const toProcessed = (item: Decoded): readonly ProcessedMessage[] =>
  item.kind === 'handle' ? [{ context: item.context, bodyBytes: item.record.value?.length ?? 0 }] : [];
