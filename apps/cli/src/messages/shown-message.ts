import type { FetchedRecord } from '@millrace/streaming-core/client';

/** A record as `messages --json` prints it. */
export interface ShownMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly key: string | null;
  /** The CloudEvents attributes without their prefix, such as `type`, `id` and `correlationid`. */
  readonly event: Readonly<Record<string, string>>;
  /** The other headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** The value: parsed if it is JSON, else its text, else its bytes in base64. */
  readonly value: unknown;
}

const eventPrefix = 'ce_';

export function shownMessage(record: FetchedRecord): ShownMessage {
  const headers = [...record.headers];
  const isEvent = (name: string) => name.startsWith(eventPrefix);
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    time: new Date(record.timestampMs).toISOString(),
    key: record.key === null ? null : textOf(record.key),
    event: Object.fromEntries(
      headers.flatMap(([name, value]) => (isEvent(name) ? [[name.slice(eventPrefix.length), value]] : [])),
    ),
    headers: Object.fromEntries(headers.filter(([name]) => !isEvent(name))),
    value: record.value === null ? null : contentOf(record.value),
  };
}

/** Renders a message for people: a line about it, one for each header on request, and its value. */
export function messageLines(message: ShownMessage, withHeaders: boolean): readonly string[] {
  const { topic, partition, offset, time, key, event, headers, value } = message;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const all = [
    ...Object.entries(event).map(([name, each]) => [`${eventPrefix}${name}`, each]),
    ...Object.entries(headers),
  ];
  const shown = withHeaders ? all : all.filter(([name]) => name?.startsWith('dlq_') && name !== 'dlq_stack');
  return [
    [`${topic}/${partition}@${offset}`, time, key ?? 'no key', event.type].filter(Boolean).join('  '),
    ...shown.map(([name, each]) => `  ${name}: ${each?.replaceAll('\n', '\n    ')}`),
    `  ${text}`,
  ];
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return `base64:${bytes.toString('base64')}`;
  }
}

function contentOf(bytes: Buffer): unknown {
  const text = textOf(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
