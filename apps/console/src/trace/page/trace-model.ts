import type { Trace, TraceEvent, TraceMessage, TraceSpan } from '../../api/trace.ts';
import { many } from '../../kit/words.ts';

export type Kind = 'event' | 'message' | 'span';

/** An event, message or span of a trace, and its causes. Times are in milliseconds. */
interface Item {
  /** The name of the item in the address. */
  readonly key: string;
  readonly kind: Kind;
  readonly label: string;
  /** Where it happened: a stream of a service, a topic, or a service. */
  readonly place: string;
  readonly from: number;
  readonly to: number;
  /** Whether it needs a look, such as a dead letter. */
  readonly failed: boolean;
  /** The keys of its possible causes as far as they are known, the nearest first. */
  readonly causes: readonly (string | undefined)[];
}

export interface Row extends Item {
  /** The indentation of the row. */
  readonly depth: number;
}

export interface Waterfall {
  readonly rows: readonly Row[];
  readonly from: number;
  readonly to: number;
}

export const eventKey = (id: string): string => `event ${id}`;

export const messageKey = ({ topic, partition, offset }: TraceMessage): string =>
  `message ${topic}/${partition}@${offset}`;

export const spanKey = ({ traceId, spanId }: Pick<TraceSpan, 'traceId' | 'spanId'>): string =>
  `span ${traceId} ${spanId}`;

/**
 * Puts every item of the wanted kinds below its cause. Items with the same cause are ordered by
 * time.
 */
export function waterfallOf(trace: Trace, kinds: ReadonlySet<Kind>): Waterfall {
  const items = itemsOf(trace);
  const rows = inOrder(items, kinds);
  const from = rows.reduce((least, row) => Math.min(least, row.from), Infinity);
  const to = rows.reduce((most, row) => Math.max(most, row.to), -Infinity);
  return { rows, from, to: Math.max(to, from + 1) };
}

/** The messages by their ids: of several with one id, the one that was written first. */
export const firstMessages = (messages: readonly TraceMessage[]): ReadonlyMap<string, TraceMessage> =>
  new Map(
    messages
      .toSorted((one, other) => other.writtenAt.localeCompare(one.writtenAt))
      .map((message) => [message.id, message]),
  );

function itemsOf({ events, messages, spans }: Trace): readonly Item[] {
  const firsts = firstMessages(messages);
  return [
    ...events.map((event) => itemOfEvent(event, firsts.get(event.causationId))),
    ...messages.map((message) => itemOfMessage(message, firsts.get(message.id) === message)),
    ...itemsOfSpans(spans, firsts),
  ];
}

function itemOfEvent(event: TraceEvent, message: TraceMessage | undefined): Item {
  const at = Date.parse(event.recordedAt);
  return {
    key: eventKey(event.id),
    kind: 'event',
    label: event.type,
    place: `${event.service} · ${event.stream}`,
    from: at,
    to: at,
    failed: false,
    causes: [message && messageKey(message), event.cause && eventKey(event.cause)],
  };
}

/**
 * Makes the item of a message. It lasts from the outbox to its topic; a repeated message has no
 * such beginning.
 */
function itemOfMessage(message: TraceMessage, isFirst: boolean): Item {
  const to = Date.parse(message.writtenAt);
  const from = isFirst && message.recordedAt !== undefined ? Date.parse(message.recordedAt) : to;
  return {
    key: messageKey(message),
    kind: 'message',
    label: message.type,
    place: message.topic,
    from: Math.min(from, to),
    to,
    failed: isDeadLetter(message),
    causes: [message.cause && eventKey(message.cause)],
  };
}

/** SQL statements are counted at the span that sent them. */
export const isStatement = ({ attributes }: TraceSpan): boolean => attributes['db.system.name'] !== undefined;

/** OTLP's number for a span that handles a message. */
const consumer = 5;

/**
 * Makes the items of spans. A span that handles a message is below it; any other is below its
 * parent.
 */
function itemsOfSpans(
  spans: readonly TraceSpan[],
  messages: ReadonlyMap<string, TraceMessage>,
): readonly Item[] {
  const statements = Map.groupBy(spans.filter(isStatement), ({ parentSpanId }) => parentSpanId);
  return spans.flatMap((span) => {
    if (isStatement(span)) return [];
    const { traceId, spanId, parentSpanId, service, name, startMs, durationMs, failed, attributes } = span;
    const handled =
      span.kind === consumer ? messages.get(String(attributes['messaging.message.id'])) : undefined;
    const count = statements.get(spanId)?.length ?? 0;
    return {
      key: spanKey(span),
      kind: 'span',
      label: name,
      place: count === 0 ? service : `${service} · ${many(count, 'SQL statement')}`,
      from: startMs,
      to: startMs + durationMs,
      failed,
      causes: [handled && messageKey(handled), parentSpanId && spanKey({ traceId, spanId: parentSpanId })],
    };
  });
}

export const isDeadLetter = ({ headers }: TraceMessage): boolean => headers['dlq_reason'] !== undefined;

/**
 * Returns the indentation below a cause. The effect of a message has the same indentation as the
 * message.
 */
const depthBelow = (cause: Row): number => (cause.kind === 'message' ? cause.depth : cause.depth + 1);

/** Returns each item once, depth first, even if causes form a circle. */
function inOrder(items: readonly Item[], kinds: ReadonlySet<Kind>): readonly Row[] {
  const byKey = new Map(items.map((item) => [item.key, item]));
  const shown = items
    .filter(({ kind }) => kinds.has(kind))
    .toSorted((one, other) => one.from - other.from || one.to - other.to);
  const caused = Map.groupBy(shown, (item) => shownCauseOf(item, byKey, kinds));
  const rows: Row[] = [];
  const seen = new Set<string>();
  // The first items are at the end. Items left after the roots are part of a circle.
  const begins = [...(caused.get(undefined) ?? []), ...shown].reverse();
  const waiting: Row[] = begins.map((item) => ({ ...item, depth: 0 }));
  for (let row = waiting.pop(); row !== undefined; row = waiting.pop()) {
    if (seen.has(row.key)) continue;
    seen.add(row.key);
    rows.push(row);
    const depth = depthBelow(row);
    for (const item of (caused.get(row.key) ?? []).toReversed()) waiting.push({ ...item, depth });
  }
  return rows;
}

/** The nearest cause of a kind that is shown. */
function shownCauseOf(
  item: Item,
  byKey: ReadonlyMap<string, Item>,
  kinds: ReadonlySet<Kind>,
): string | undefined {
  const passed = new Set([item.key]);
  for (let causes = item.causes; ;) {
    const known = causes
      .flatMap((key) => (key === undefined ? [] : (byKey.get(key) ?? [])))
      .filter(({ key }) => !passed.has(key));
    const shown = known.find(({ kind }) => kinds.has(kind));
    if (shown !== undefined || known[0] === undefined) return shown?.key;
    passed.add(known[0].key);
    causes = known[0].causes;
  }
}
