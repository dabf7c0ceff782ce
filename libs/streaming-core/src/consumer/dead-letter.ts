import type { ConsumedRecord } from '../client/index.ts';
import { bytesOf, messageBytesMax, type OutboxRow } from '../outbox/outbox-row.ts';
import { ConsumerError } from './consumer-error.ts';

const stackCharactersMax = 4_000;
const reasonCharactersMax = 1_000;

export interface DeadLetterOptions {
  readonly id: string;
  readonly group: string;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}

/**
 * The record as it was, on `<topic>.dlq`, with what is needed to judge it and to send it again as headers `dlq_*`. A value that is no UTF-8 text
 * travels as base64 (`dlq_value_encoding`); one that would not fit is left at its origin (`dlq_value_omitted`, in bytes).
 */
export function deadLetter(record: ConsumedRecord, error: Error, attempts: number, { id, group, nowMs }: DeadLetterOptions): OutboxRow {
  const value = textOf(record.value);
  const row: OutboxRow = {
    id,
    topic: `${record.topic}.dlq`,
    key: textOf(record.key)?.text ?? null,
    type: storable(record.headers.get('ce_type') ?? 'unknown'),
    source: null,
    subject: null,
    time: null,
    dataschema: null,
    correlationid: null,
    causationid: null,
    traceparent: null,
    payload: value?.text ?? null,
    headers: {
      ...Object.fromEntries([...record.headers].map(([name, header]) => [storable(name), storable(header)])),
      dlq_reason: storable(`${codeOf(error)}: ${error.message}`.slice(0, reasonCharactersMax)),
      dlq_stack: storable(stackOf(error)),
      dlq_attempts: String(attempts),
      dlq_topic: record.topic,
      dlq_partition: String(record.partition),
      dlq_offset: String(record.offset),
      dlq_group: group,
      dlq_time: new Date(nowMs).toISOString(),
      ...(value?.encoded === true ? { dlq_value_encoding: 'base64' } : {}),
    },
  };
  if (bytesOf(row) <= messageBytesMax) return row;
  return { ...row, payload: null, headers: { ...row.headers, dlq_value_omitted: String(record.value?.length ?? 0) } };
}

function textOf(bytes: Buffer | null): { text: string; encoded: boolean } | undefined {
  if (bytes === null) return undefined;
  const text = bytes.toString('utf8');
  const faithful = !text.includes('\0') && Buffer.from(text, 'utf8').equals(bytes);
  return faithful ? { text, encoded: false } : { text: bytes.toString('base64'), encoded: true };
}

/** PostgreSQL stores no NUL, and jsonb no half of a surrogate pair, which cutting may leave. */
const storable = (text: string) => Buffer.from(text.replaceAll('\0', '\ufffd')).toString();

/** Of one kind of fault: short, and one of few. */
export const codeOf = (error: Error): string => (error instanceof ConsumerError ? error.code : error.name);

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack ?? error.cause.message}` : '';
  return `${error.stack ?? error.message}${cause}`.slice(0, stackCharactersMax);
}
