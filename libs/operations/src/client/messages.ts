import type { FetchedRecord, OpenLogReader } from '@millrace/streaming-core/client';
import { readLog, type Reading } from './read-log.ts';

/**
 * Yields the records of each partition in order, up to the ends or until the signal aborts. An
 * offset without a visible record, such as the marker of a transaction, counts as read.
 */
export const readMessages = (
  reader: Pick<OpenLogReader, 'fetch'>,
  reading: Reading,
): AsyncGenerator<FetchedRecord, void> =>
  readLog(reading, {
    fetch: (positions) => reader.fetch(positions),
    entriesOf: ({ records }) => records,
  });

/** A record with its headers and value decoded. */
export interface Message {
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

/** The prefix of the headers that are CloudEvents attributes. */
export const eventPrefix = 'ce_';

/**
 * A record as pages and commands show it: its CloudEvents attributes apart from its other headers,
 * and its value as JSON or text if it is that.
 */
export function messageOf(record: FetchedRecord): Message {
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

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Returns the text of bytes, or base64 if they are not UTF-8. */
export function textOf(bytes: Buffer): string {
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
