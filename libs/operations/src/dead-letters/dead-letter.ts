import type { FetchedRecord } from '@millrace/streaming-core/client';

/** The place of a dead letter on the log. */
export interface DeadLetterPosition {
  /** The dead-letter topic. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** A dead letter, from the headers that the consumer has given it. */
export interface DeadLetter extends DeadLetterPosition {
  readonly topicId: string;
  readonly id: string;
  /** The topic on which the message was. */
  readonly origin: string;
  /** Where the message was on it; null if the headers do not say so. */
  readonly originPartition: string | null;
  readonly originOffset: string | null;
  readonly group: string;
  readonly type: string;
  readonly key: string | null;
  readonly messageId: string | null;
  /** A short name for the kind of error: the part of `reason` before its first colon. */
  readonly code: string;
  readonly reason: string;
  readonly attempts: number;
  /** How often operators have sent the message again. */
  readonly redrives: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly record: FetchedRecord;
}

/** Counts how often operators have sent a message again. It stays with the message. */
export const redrivesHeader = 'dlq_redrives';

/** The id of a dead letter: `TOPIC:PARTITION:OFFSET`. */
const idOf = ({ topic, partition, offset }: DeadLetterPosition): string => `${topic}:${partition}:${offset}`;

/** Returns undefined for a text that is no id of a dead letter. */
export function placeOfId(id: string): DeadLetterPosition | undefined {
  const [, topic, partition, offset] = /^([a-zA-Z0-9._-]{1,249}):(\d{1,9}):(\d{1,18})$/.exec(id) ?? [];
  if (topic === undefined || partition === undefined || offset === undefined) return undefined;
  return { topic, partition: Number(partition), offset: BigInt(offset) };
}

export function toDeadLetter(record: FetchedRecord, topicId: string): DeadLetter {
  const { topic, partition, offset, headers, key, timestampMs } = record;
  const text = (name: string, otherwise = '') => headers.get(name) ?? otherwise;
  const reason = text('dlq_reason');
  return {
    topic,
    partition,
    offset,
    topicId,
    id: idOf(record),
    origin: text('dlq_topic'),
    originPartition: wholeNumber(headers.get('dlq_partition')),
    originOffset: wholeNumber(headers.get('dlq_offset')),
    group: text('dlq_group'),
    type: text('ce_type', 'unknown'),
    key: key === null ? null : key.toString('utf8'),
    messageId: headers.get('ce_id') ?? null,
    code: reason.split(':', 1)[0] ?? '',
    reason,
    attempts: Number(text('dlq_attempts', '0')),
    redrives: Number(text(redrivesHeader, '0')),
    at: text('dlq_time', new Date(timestampMs).toISOString()),
    record,
  };
}

const wholeNumber = (text: string | undefined): string | null =>
  text !== undefined && /^\d{1,18}$/.test(text) ? text : null;

/** Undefined if the value is no JSON. */
export function jsonOf({ record: { value } }: DeadLetter): unknown {
  try {
    return JSON.parse(value?.toString('utf8') ?? '') as unknown;
  } catch {
    return undefined;
  }
}
