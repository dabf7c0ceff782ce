import { ROOT_CONTEXT, SpanKind, trace, type Attributes, type Span } from '@opentelemetry/api';
import type { ProcessedMessage, ProcessReport } from '@millrace/streaming-core/consumer';
import { carry, contextOf, linksTo } from './carried-trace.ts';
import { endSpan, failureOf } from './failure.ts';
import { stopwatch, type Instruments } from './instruments.ts';
import { attribute, value } from './names.ts';
import type { Operation } from './observe.ts';

const processing = {
  [attribute.messagingSystemName]: value.kafka,
  [attribute.messagingOperationName]: value.process,
  [attribute.messagingOperationType]: value.process,
} as const;

/**
 * `process TOPIC`, CONSUMER: each message has a span in the trace that came with it, which covers
 * the transaction that handles it. If several messages share a transaction, the transaction has a
 * span in a separate trace. It links to the traces of all its messages, and their spans link to it.
 */
export function beginProcessSpans(instruments: Instruments, report: ProcessReport): Operation {
  const { group, messages } = report;
  const elapsed = stopwatch();
  const [first, ...others] = messages;
  const batch = others.length === 0 ? undefined : batchSpan(instruments, report);
  const spans = messages.map((message) => messageSpan(instruments, group, message, batch));
  const contexts = messages.map(({ context }, index) => carry(context, spans[index] as Span));
  return {
    context:
      batch === undefined || first === undefined
        ? (contexts[0] ?? ROOT_CONTEXT)
        : trace.setSpan(ROOT_CONTEXT, batch),
    end(error) {
      for (const span of [...spans, ...(batch === undefined ? [] : [batch])]) endSpan(span, error);
      measure(instruments, report, elapsed(), error);
    },
  };
}

function batchSpan({ tracer }: Instruments, { group, messages }: ProcessReport): Span {
  const topics = new Set(messages.map(({ context }) => context.topic));
  const [topic] = topics.size === 1 ? topics : [];
  return tracer.startSpan(
    topic === undefined ? value.process : `${value.process} ${topic}`,
    {
      kind: SpanKind.CONSUMER,
      root: true,
      links: linksTo(messages.map(({ context }) => context)),
      attributes: {
        ...processing,
        [attribute.messagingConsumerGroupName]: group,
        [attribute.messagingBatchMessageCount]: messages.length,
        ...(topic !== undefined && { [attribute.messagingDestinationName]: topic }),
      },
    },
    ROOT_CONTEXT,
  );
}

function messageSpan(
  { tracer }: Instruments,
  group: string,
  { context, bodyBytes }: ProcessedMessage,
  batch: Span | undefined,
): Span {
  const attributes: Attributes = {
    ...processing,
    [attribute.messagingConsumerGroupName]: group,
    [attribute.messagingDestinationName]: context.topic,
    [attribute.messagingDestinationPartitionId]: String(context.partition),
    [attribute.kafkaOffset]: Number(context.offset),
    [attribute.messagingMessageId]: context.id,
    [attribute.messagingMessageConversationId]: context.correlationId,
    [attribute.messagingMessageBodySize]: bodyBytes,
  };
  const links = batch === undefined ? [] : [{ context: batch.spanContext() }];
  return tracer.startSpan(
    `${value.process} ${context.topic}`,
    { kind: SpanKind.CONSUMER, attributes, links },
    contextOf(context),
  );
}

function measure(
  { processDuration, consumedMessages }: Instruments,
  { group, messages }: ProcessReport,
  seconds: number,
  error: unknown,
): void {
  for (const { context } of messages) {
    const attributes: Attributes = {
      [attribute.messagingSystemName]: value.kafka,
      [attribute.messagingOperationName]: value.process,
      [attribute.messagingConsumerGroupName]: group,
      [attribute.messagingDestinationName]: context.topic,
      ...failureOf(error),
    };
    processDuration.record(seconds, attributes);
    consumedMessages.add(1, attributes);
  }
}
