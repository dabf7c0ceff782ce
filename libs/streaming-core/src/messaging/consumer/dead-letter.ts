import type { ConsumedRecord } from '../../client/index.ts';
import { deadLetterTopicOf } from '../../contract/index.ts';
import { bytesOf, headerBytes, messageBytesMax, type OutboxRow } from '../outbox/outbox-row.ts';
import { ConsumerError } from './consumer-error.ts';

const stackCharactersMax = 4_000;
const reasonCharactersMax = 1_000;
const typeCharactersMax = 1_000;
/** Of the headers that say what was left out. */
const omissionsBytesMax = 200;

export interface DeadLetterOptions {
  readonly id: string;
  readonly group: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/**
 * The record as it was, on `<topic>.dlq`, with what is needed to judge it and to send it again as headers `dlq_*`. A value that is no UTF-8 text
 * travels as base64 (`dlq_value_encoding`). Where the whole would not fit, the largest of value, key and headers are left at their origin: it says so in
 * `dlq_value_omitted`, `dlq_key_omitted` (bytes) and `dlq_headers_omitted` (how many).
 */
export function deadLetter(
  record: ConsumedRecord,
  error: Error,
  attempts: number,
  { id, group, nowMs }: DeadLetterOptions,
): OutboxRow {
  const value = textOf(record.value);
  const own = Object.fromEntries(
    [...record.headers].map(([name, header]) => [storable(name), storable(header)]),
  );
  const judged = {
    dlq_reason: reasonOf(error),
    dlq_stack: storable(stackOf(error)),
    dlq_attempts: String(attempts),
    dlq_topic: record.topic,
    dlq_partition: String(record.partition),
    dlq_offset: String(record.offset),
    dlq_group: group,
    dlq_time: new Date(nowMs).toISOString(),
    ...(value?.encoded === true ? { dlq_value_encoding: 'base64' } : {}),
  };
  const row: OutboxRow = {
    id,
    topic: deadLetterTopicOf(record.topic),
    key: textOf(record.key)?.text ?? null,
    type: storable((record.headers.get('ce_type') ?? 'unknown').slice(0, typeCharactersMax)),
    source: null,
    subject: null,
    time: null,
    dataschema: null,
    correlationid: null,
    causationid: null,
    traceparent: null,
    payload: value?.text ?? null,
    headers: { ...own, ...judged },
  };
  if (bytesOf(row) <= messageBytesMax) return row;
  const ownNames = Object.keys(own).filter((name) => !(name in judged));
  return withoutLargest(row, record, ownNames);
}

function withoutLargest(row: OutboxRow, record: ConsumedRecord, ownNames: readonly string[]): OutboxRow {
  const { payload, key, headers } = row;
  const parts = [
    { part: 'value', name: '', bytes: Buffer.byteLength(payload ?? '') },
    { part: 'key', name: '', bytes: Buffer.byteLength(key ?? '') },
    ...ownNames.map((name) => ({ part: 'header', name, bytes: headerBytes(name, headers[name] ?? '') })),
  ].sort((left, right) => right.bytes - left.bytes);
  let count = 0;
  for (
    let bytes = bytesOf(row) + omissionsBytesMax;
    bytes > messageBytesMax && count < parts.length;
    count += 1
  )
    bytes -= parts[count]!.bytes;
  const omitted = parts.slice(0, count);
  const noValue = omitted.some(({ part }) => part === 'value');
  const noKey = omitted.some(({ part }) => part === 'key');
  const names = new Set(omitted.flatMap(({ part, name }) => (part === 'header' ? [name] : [])));
  return {
    ...row,
    payload: noValue ? null : payload,
    key: noKey ? null : key,
    headers: {
      ...Object.fromEntries(Object.entries(headers).filter(([name]) => !names.has(name))),
      ...(noValue && { dlq_value_omitted: String(record.value?.length ?? 0) }),
      ...(noKey && { dlq_key_omitted: String(record.key?.length ?? 0) }),
      ...(names.size > 0 && { dlq_headers_omitted: String(names.size) }),
    },
  };
}

function textOf(bytes: Buffer | null): { text: string; encoded: boolean } | undefined {
  if (bytes === null) return undefined;
  const text = bytes.toString('utf8');
  const faithful = !text.includes('\0') && Buffer.from(text, 'utf8').equals(bytes);
  return faithful ? { text, encoded: false } : { text: bytes.toString('base64'), encoded: true };
}

/** PostgreSQL stores no NUL, and jsonb no half of a surrogate pair, which cutting may leave. */
const storable = (text: string) => Buffer.from(text.replaceAll('\0', '\ufffd')).toString();

/** What went wrong, as a column of text takes it. */
export const reasonOf = (error: Error): string =>
  storable(`${codeOf(error)}: ${error.message}`.slice(0, reasonCharactersMax));

/** Of one kind of fault: short, and one of few. */
export const codeOf = (error: Error): string => (error instanceof ConsumerError ? error.code : error.name);

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : '';
  return `${error.stack ?? error.message}${cause}`.slice(0, stackCharactersMax);
}
