/** A row of `outbox` before it has a position; null where a dead letter has nothing to say. */
export interface OutboxRow {
  readonly id: string;
  readonly topic: string;
  readonly key: string | null;
  readonly type: string | null;
  readonly source: string | null;
  readonly subject: string | null;
  readonly time: string | null;
  readonly dataschema: string | null;
  readonly correlationid: string | null;
  readonly causationid: string | null;
  readonly traceparent: string | null;
  readonly payload: string | null;
  /** Headers beside those that the columns give; of one name, these win. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A record over this is refused before it is written: a topic takes 1,048,588 bytes, batch and headers included. */
export const messageBytesMax = 900_000;

const columns = [
  'key',
  'type',
  'source',
  'subject',
  'time',
  'dataschema',
  'correlationid',
  'causationid',
  'traceparent',
  'payload',
] as const;

/** What a header's two lengths take in a record, at their longest: thousands of short ones weigh more by these than by their text. */
const headerOverheadBytes = 10;

export const headerBytes = (name: string, value: string): number =>
  Buffer.byteLength(name) + Buffer.byteLength(value) + headerOverheadBytes;

/** Bytes in the record of everything that its writer decides: text in UTF-8, and headers with their overhead. */
export function bytesOf(row: OutboxRow): number {
  const fields = columns.reduce((sum, column) => sum + Buffer.byteLength(row[column] ?? ''), 0);
  return Object.entries(row.headers).reduce((sum, [name, value]) => sum + headerBytes(name, value), fields);
}
