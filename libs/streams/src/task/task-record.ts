import type { LogRecord } from '../processor/log-record.ts';
import type { Headers, RecordMetadata } from '../processor/record.ts';

/** A record of a source partition of a task, as bytes. */
export interface RawRecord extends RecordMetadata {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
  readonly headers: Headers;
}

/** A record that the task can process. `timestampMs` is the time that its source extracted. */
export interface DecodedRecord extends LogRecord {
  readonly sourceName: string;
}
