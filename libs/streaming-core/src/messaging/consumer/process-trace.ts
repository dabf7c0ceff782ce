import { tracingChannel } from 'node:diagnostics_channel';
import type { TraceCarrier, TraceContext } from '../../contract/index.ts';
import type { Batch, Batches } from './batch.ts';
import type { ContextOfMessage, Decoded } from './decode.ts';

/** A message that a transaction handles. */
export interface ProcessedMessage {
  /** What its handler is told: the trace that it finds here is the one that everything written by it carries. */
  readonly context: Omit<ContextOfMessage, keyof TraceContext> & TraceCarrier;
  readonly bodyBytes: number;
}

/** What `tracing:millrace.consumer.process` reports: one transaction, of one message or of several that may belong to different traces. */
export interface ProcessReport {
  readonly group: string;
  readonly messages: readonly ProcessedMessage[];
}

const processing = tracingChannel<unknown, ProcessReport>('millrace.consumer.process');

/** Reports the transaction that `work` is, which is given the batches with the contexts that the report's subscribers have set. */
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

/** A batch may be tried again: what is set now does not hold for then. */
const withOwnContexts = (batch: Batch): Batch => ({
  ...batch,
  items: batch.items.map((item) =>
    item.kind === 'handle' ? { ...item, context: { ...item.context } } : item,
  ),
});

const toProcessed = (item: Decoded): readonly ProcessedMessage[] =>
  item.kind === 'handle' ? [{ context: item.context, bodyBytes: item.record.value?.length ?? 0 }] : [];
