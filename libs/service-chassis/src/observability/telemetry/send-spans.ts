import { ROOT_CONTEXT, SpanKind, type Attributes, type Context } from '@opentelemetry/api';
import type { SendReport, SentRecord } from '@millrace/streaming-core/outbox';
import { carry, contextOf } from './carried-trace.ts';
import { endSpan, failureOf } from './failure.ts';
import { stopwatch, type Instruments } from './instruments.ts';
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
