import { Injectable } from '@nestjs/common';
import { messageNames } from '@millrace/contracts';
import {
  askReachable,
  branchesOf,
  eventPrefix,
  readCorrelation,
  treeOfEvents,
  type CorrelatedEvent,
  type Message,
} from '@millrace/operations/client';
import type { HistoryPage } from '@millrace/operations/contract';
import { minutes, seconds, systemClock } from '@millrace/streaming-core/runtime';
import type { Trace, TraceEvent, TraceMessage } from '../api/trace.ts';
import { LogConnections } from '../system/log-connections.ts';
import { System } from '../system/system.ts';
import { CorrelatedMessages } from './correlated-messages.ts';
import { SpanStore } from './spans/span-store.ts';

/** Messages are looked for from before the first event until after the last one. */
const beforeMs = seconds(5);
const afterMs = seconds(30);

/** A trace in which nothing has happened for this long is read rarely. */
const quietMs = minutes(2);
const seldomMs = seconds(30);

const valueLengthMax = 16_000;

/** Reads everything with one correlation id from the services and the log. */
@Injectable()
export class TraceReader {
  constructor(
    private readonly system: System,
    private readonly connections: LogConnections,
    private readonly spans: SpanStore,
  ) {}

  /**
   * Returns a function that reads the trace again, but only rarely once nothing has happened for a
   * while.
   */
  following(correlationId: string): () => Promise<Trace> {
    const messages = new CorrelatedMessages(correlationId);
    const startedAt = systemClock.now();
    let last: { readonly trace: Trace; readonly readAt: number } | undefined;
    return async () => {
      const now = systemClock.now();
      if (last === undefined || !last.trace.settled || now - last.readAt >= seldomMs)
        last = { trace: await this.#read(correlationId, messages, startedAt), readAt: now };
      return last.trace;
    };
  }

  async #read(correlationId: string, log: CorrelatedMessages, startedAt: number): Promise<Trace> {
    const clients = this.system.operators();
    const { events, gaps } = await readCorrelation(clients, correlationId);
    const common = { asked: clients.map(({ service }) => service), gaps };
    const first = events[0];
    const latest = events.at(-1);
    if (first === undefined || latest === undefined) {
      const ofStream = await this.#correlationsOf(correlationId);
      return { ...common, ...nothingKnown, ofStream, settled: isQuietSince(startedAt) };
    }
    const to = Date.parse(latest.recordedAt);
    const window = { fromMs: Date.parse(first.recordedAt) - beforeMs, toMs: to + afterMs };
    const { messages, scan, failure } = await this.connections.use((tools) => log.read(tools, window));
    return {
      ...common,
      ...joined(events, messages, messageNames),
      spans: traceIdsOf(messages).flatMap((traceId) => this.spans.trace(traceId)),
      gaps: failure === undefined ? gaps : [...gaps, failure],
      scan,
      ofStream: [],
      settled: failure === undefined && isQuietSince(to),
    };
  }

  /**
   * Returns the correlations of a stream's events, for a reader who has given the name of a stream.
   */
  async #correlationsOf(stream: string): Promise<readonly string[]> {
    const { found } = await askReachable(this.system.operators(), ({ get }) =>
      get<HistoryPage>(`/ops/streams/${encodeURIComponent(stream)}`),
    );
    return [...new Set(found.flatMap(({ body }) => body.items.map((item) => item.correlationId)))];
  }
}

const nothingKnown = { events: [], messages: [], spans: [], scan: null };
const isQuietSince = (ms: number): boolean => systemClock.now() - ms > quietMs;

const traceIdsMax = 20;

/** The traces that the messages are part of, by their `traceparent` (W3C Trace Context). */
const traceIdsOf = (messages: readonly Message[]): readonly string[] =>
  [...new Set(messages.flatMap(({ headers }) => headers['traceparent']?.split('-')[1] ?? []))].slice(
    0,
    traceIdsMax,
  );

/**
 * Arranges the events by their causes, and finds the event that has sent each message. `names` are those
 * of all messages, by which an event knows its cause even if the message is gone.
 */
export function joined(
  events: readonly CorrelatedEvent[],
  messages: readonly Message[],
  names: readonly string[],
): Pick<Trace, 'events' | 'messages'> {
  const sent = sendersOf(events, messages);
  const sentBy = Map.groupBy(sent.keys(), (id) => sent.get(id));
  return {
    events: branchesOf(treeOfEvents(events, names, ({ id }) => sentBy.get(id) ?? [])).map(
      ({ event, branch, by, cause }): TraceEvent => ({
        ...event,
        branch,
        ...(by !== undefined && { by }),
        ...(cause !== undefined && { cause: cause.id }),
      }),
    ),
    messages: messages.map((message) => shown(message, sent.get(message.event['id'] ?? ''))),
  };
}

/** Returns the id of the event that has sent each message, by the message's id. */
function sendersOf(
  events: readonly CorrelatedEvent[],
  messages: readonly Message[],
): ReadonlyMap<string, string> {
  const isEvent = new Set(events.map(({ id }) => id));
  const names = new Set(messages.map(({ topic, event }) => `${topic} ${event['type']}`));
  // A message enters the tree as an event that its own id has caused. Its cause there has sent it.
  const asEvents = messages.map(({ event: { id = '' } }) => ({ id, causationId: id, data: {} }));
  return new Map(
    branchesOf(treeOfEvents([...events, ...asEvents], [...names])).flatMap(({ event, cause }) =>
      cause !== undefined && !isEvent.has(event.id) ? [[event.id, cause.id] as const] : [],
    ),
  );
}

function shown(
  { event, headers, value, time, ...message }: Message,
  cause: string | undefined,
): TraceMessage {
  const { topic, partition, offset, key } = message;
  const { id = '', type = '', time: recordedAt } = event;
  const cut = (JSON.stringify(value) ?? '').length > valueLengthMax;
  const attributes = Object.entries(event).map(([name, text]) => [`${eventPrefix}${name}`, text]);
  return {
    topic,
    partition,
    offset: offset.toString(),
    key,
    id,
    type,
    ...(recordedAt !== undefined && { recordedAt }),
    writtenAt: time,
    ...(cause !== undefined && { cause }),
    headers: { ...Object.fromEntries(attributes), ...headers },
    value: cut ? null : value,
    cut,
  };
}
