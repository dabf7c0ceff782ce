import { context, ROOT_CONTEXT, SpanKind, type Attributes } from '@opentelemetry/api';
import type {
  CommitOperation,
  FetchedRecord,
  PollOperation,
  ProcessOperation,
  SendOperation,
} from '@millrace/streaming-core/client';
import type { TraceContext } from '@millrace/streaming-core/contract';
import { contextOf, linksTo } from './carried-trace.ts';
import { endSpan, failureOf, createInstruments, stopwatch, type Instruments } from './instruments.ts';
import { attribute, value } from './names.ts';
import { follow, type Followed } from './observe.ts';
import { beginSendSpans } from './message-spans.ts';

/**
 * Turns the operations of every Kafka client in this process into spans and measurements of the
 * OpenTelemetry SDK that the program has started. It is for programs that use the client directly,
 * because the services already have spans of their messages. Returns a function that stops it.
 */
export function observeClients(): () => void {
  const instruments = createInstruments();
  const stops = [
    follow<SendOperation>('millrace.client.send', (operation) =>
      beginSendSpans(instruments, operation, {
        attributes: clientOf(operation),
        parent: context.active(),
      }),
    ),
    follow<PollOperation>('millrace.client.poll', (operation) => beginPoll(instruments, operation)),
    follow<ProcessOperation>('millrace.client.process', (operation) => beginProcess(instruments, operation)),
    follow<CommitOperation>('millrace.client.commit', (operation) => beginCommit(instruments, operation)),
  ];
  return () => stops.forEach((stop) => stop());
}

/** `poll TOPIC`, CLIENT: a poll that finds nothing is measured, but has no span. */
function beginPoll(instruments: Instruments, operation: PollOperation): Followed {
  const { tracer, sendDuration: duration, consumedMessages } = instruments;
  const elapsed = stopwatch();
  const startTime = performance.timeOrigin + performance.now();
  const attributes: Attributes = {
    ...clientOf(operation),
    [attribute.messagingOperationName]: value.poll,
    ...groupOf(operation.groupId),
  };
  return {
    end(error) {
      const found = operation.result?.filter(({ records }) => records.length > 0) ?? [];
      const outcome = { ...attributes, ...failureOf(error) };
      duration.record(elapsed(), { ...outcome, [attribute.messagingOperationType]: value.receive });
      for (const { topic, records } of found)
        consumedMessages.add(records.length, { ...outcome, [attribute.messagingDestinationName]: topic });
      if (found.length === 0 && error === undefined) return;
      const destination = onlyTopic(found.length > 0 ? found : operation.positions);
      const span = tracer.startSpan(nameOf(value.poll, destination), {
        kind: SpanKind.CLIENT,
        startTime,
        attributes: {
          ...attributes,
          [attribute.messagingOperationType]: value.receive,
          ...destinationOf(destination),
          [attribute.messagingBatchMessageCount]: found.reduce((sum, { records }) => sum + records.length, 0),
        },
      });
      endSpan(span, error);
    },
  };
}

/**
 * `process TOPIC`, CONSUMER: one record has a span in the trace that came with it. Several records
 * that the loop has in hand together share a span, which links to their traces.
 */
function beginProcess({ tracer, processDuration }: Instruments, operation: ProcessOperation): Followed {
  const { topic, partition, groupId, records } = operation;
  const elapsed = stopwatch();
  const [first, ...others] = records;
  const isAlone = first !== undefined && others.length === 0;
  const attributes: Attributes = {
    ...clientOf(operation),
    [attribute.messagingOperationName]: value.process,
    ...groupOf(groupId),
    ...destinationOf(topic),
    [attribute.messagingDestinationPartitionId]: String(partition),
  };
  const span = tracer.startSpan(
    nameOf(value.process, topic),
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        ...attributes,
        [attribute.messagingOperationType]: value.process,
        ...(isAlone ? recordAttributes(first) : { [attribute.messagingBatchMessageCount]: records.length }),
      },
      links: isAlone ? [] : linksTo(records.map(traceIn)),
    },
    isAlone ? contextOf(traceIn(first)) : ROOT_CONTEXT,
  );
  return {
    end(error) {
      processDuration.record(elapsed(), { ...attributes, ...failureOf(error) });
      endSpan(span, error);
    },
  };
}

function beginCommit({ tracer, sendDuration: duration }: Instruments, operation: CommitOperation): Followed {
  const elapsed = stopwatch();
  const destination = onlyTopic(operation.offsets);
  const attributes: Attributes = {
    ...clientOf(operation),
    [attribute.messagingOperationName]: value.commit,
    [attribute.messagingOperationType]: value.settle,
    ...groupOf(operation.groupId),
    ...destinationOf(destination),
  };
  const span = tracer.startSpan(nameOf(value.commit, destination), { kind: SpanKind.CLIENT, attributes });
  return {
    end(error) {
      duration.record(elapsed(), { ...attributes, ...failureOf(error) });
      endSpan(span, error);
    },
  };
}

/**
 * Describes the client by its first bootstrap server, because an operation may ask several brokers.
 */
function clientOf({
  clientId,
  bootstrapServers,
}: Pick<SendOperation, 'clientId' | 'bootstrapServers'>): Attributes {
  const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(bootstrapServers[0] ?? '') ?? [];
  return {
    [attribute.messagingSystemName]: value.kafka,
    [attribute.messagingClientId]: clientId,
    ...(host !== undefined && { [attribute.serverAddress]: host, [attribute.serverPort]: Number(port) }),
  };
}

const recordAttributes = ({ offset, value: body }: FetchedRecord): Attributes => ({
  [attribute.kafkaOffset]: Number(offset),
  [attribute.messagingMessageBodySize]: body?.length ?? 0,
});

const groupOf = (groupId: string | undefined): Attributes =>
  groupId === undefined ? {} : { [attribute.messagingConsumerGroupName]: groupId };

const destinationOf = (topic: string | undefined): Attributes =>
  topic === undefined ? {} : { [attribute.messagingDestinationName]: topic };

const nameOf = (operation: string, topic: string | undefined): string =>
  topic === undefined ? operation : `${operation} ${topic}`;

function onlyTopic(places: ReadonlyArray<{ readonly topic: string }>): string | undefined {
  const topics = new Set(places.map(({ topic }) => topic));
  return topics.size === 1 ? [...topics][0] : undefined;
}

const traceIn = ({ headers }: FetchedRecord): TraceContext => ({
  traceparent: headers.get('traceparent'),
  tracestate: headers.get('tracestate'),
});
