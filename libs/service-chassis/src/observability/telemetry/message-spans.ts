import { ROOT_CONTEXT, SpanKind, trace, type Attributes, type Span, type Context } from '@opentelemetry/api';
import type { ProcessedMessage, ProcessReport } from '@millrace/streaming-core/consumer';
import type { SendReport, SentRecord } from '@millrace/streaming-core/outbox';
import { carry, contextOf, linksTo } from './carried-trace.ts';
import { endSpan, failureOf, stopwatch, type Instruments } from './instruments.ts';
import { attribute, value } from './names.ts';
import type { Operation } from './observe.ts';

/** The attributes and the parent that the spans of a call share. */
interface SendScope {
  readonly attributes?: Attributes;
  /** The parent of spans of records that carry no trace. */
  readonly parent?: Context;
}

/**
 * `send TOPIC`, PRODUCER: one span for each message, in the trace that the message carries, even
 * though many are sent in one call. Its context travels with the record, so it is the parent of the
 * consumer's span.
 */
export function beginSendSpans(
  { tracer, sendDuration, sentMessages }: Instruments,
  report: Pick<SendReport, 'records' | 'result'>,
  { attributes: common, parent = ROOT_CONTEXT }: SendScope = {},
): Operation {
  const elapsed = stopwatch();
  const spans = report.records.map((record) => {
    const span = tracer.startSpan(
      `${value.send} ${record.topic}`,
      { kind: SpanKind.PRODUCER, attributes: { ...common, ...attributesOf(record) } },
      record.traceparent === undefined ? parent : contextOf(record),
    );
    carry(record, span);
    return span;
  });
  return {
    context: ROOT_CONTEXT,
    end(error) {
      const seconds = elapsed();
      spans.forEach((span, index) => {
        const stored = report.result?.[index];
        if (stored !== undefined)
          span.setAttributes({
            [attribute.messagingDestinationPartitionId]: String(stored.partition),
            [attribute.kafkaOffset]: Number(stored.offset),
          });
        endSpan(span, error);
      });
      for (const [topic, count] of countsByTopic(report.records)) {
        const attributes = {
          ...common,
          ...sending,
          [attribute.messagingDestinationName]: topic,
          ...failureOf(error),
        };
        sendDuration.record(seconds, { ...attributes, [attribute.messagingOperationType]: value.send });
        sentMessages.add(count, attributes);
      }
    },
  };
}

const sending = {
  [attribute.messagingSystemName]: value.kafka,
  [attribute.messagingOperationName]: value.send,
} as const;

const attributesOf = ({ topic, messageId, correlationId, bodyBytes }: SentRecord): Attributes => ({
  ...sending,
  [attribute.messagingOperationType]: value.send,
  [attribute.messagingDestinationName]: topic,
  [attribute.messagingMessageBodySize]: bodyBytes,
  ...(messageId !== undefined && { [attribute.messagingMessageId]: messageId }),
  ...(correlationId !== undefined && { [attribute.messagingMessageConversationId]: correlationId }),
});

function countsByTopic(records: readonly SentRecord[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { topic } of records) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  return counts;
}

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
