import type { ConsumedRecord } from '../../client/index.ts';
import { deadLetterTopicOf } from '../../contract/index.ts';
import { bytesOf, headerBytes, messageBytesMax, type OutboxRow } from '../outbox/outbox-row.ts';
import { ConsumerError } from './consumer-error.ts';

const stackCharactersMax = 4_000;
const reasonCharactersMax = 1_000;
const typeCharactersMax = 1_000;
/** Room for the headers that report what was left out. */
const omissionsBytesMax = 200;

export interface DeadLetterOptions {
  readonly id: string;
  readonly group: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/**
 * Returns the unchanged record for `<topic>.dlq`. Its headers `dlq_*` say why the message failed
 * and where it came from, so that it can be sent again. A value that is not UTF-8 text is encoded
 * as base64 (`dlq_value_encoding`). If the record would be too large, the largest of value, key and
 * headers are left out, as `dlq_value_omitted` and `dlq_key_omitted` (in bytes) and
 * `dlq_headers_omitted` (a count) report.
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

/** PostgreSQL stores no NUL, and jsonb stores no lone surrogate, which truncation may produce. */
const storable = (text: string) => Buffer.from(text.replaceAll('\0', '\ufffd')).toString();

/** Describes the error in a form that a text column accepts. */
export const reasonOf = (error: Error): string =>
  storable(`${codeOf(error)}: ${error.message}`.slice(0, reasonCharactersMax));

/** A short name for the kind of error. There are only a few such names. */
export const codeOf = (error: Error): string => (error instanceof ConsumerError ? error.code : error.name);

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : '';
  return `${error.stack ?? error.message}${cause}`.slice(0, stackCharactersMax);
}
