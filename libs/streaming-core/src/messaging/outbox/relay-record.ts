import type { ProducerRecord } from '../../client/index.ts';
import type { PositionedRow } from '../../postgres/index.ts';
import type { OutboxRow } from './outbox-row.ts';

export type StoredOutboxRow = PositionedRow & OutboxRow;

/** A record of the outbox, which is text throughout. */
export interface OutboxRecord extends ProducerRecord {
  readonly value: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Encodes a row as CloudEvents 1.0 in Kafka's binary mode. A row without a source is a dead letter,
 * whose headers are complete.
 */
export function toProducerRecord(row: OutboxRow): OutboxRecord {
  const headers = row.source === null ? row.headers : { ...cloudEventHeaders(row), ...row.headers };
  return { topic: row.topic, key: row.key, value: row.payload, headers };
}

function cloudEventHeaders(row: OutboxRow): Record<string, string> {
  const headers = {
    ce_specversion: '1.0',
    ce_id: row.id,
    ce_type: row.type,
    ce_source: row.source,
    ce_time: row.time,
    ce_subject: row.subject,
    ce_dataschema: row.dataschema,
    ce_correlationid: row.correlationid,
    ce_causationid: row.causationid,
    'content-type': 'application/json',
    traceparent: row.traceparent,
  };
  return Object.fromEntries(
    Object.entries(headers).filter((header): header is [string, string] => header[1] !== null),
  );
}
