/** The name and the raw value of a header. A name may repeat. */
export interface Header {
  readonly name: string;
  readonly value: Uint8Array | null;
}

export type Headers = readonly Header[];

/** A record as one node of a topology forwards it to the next. */
export interface StreamRecord<K = unknown, V = unknown> {
  readonly key: K;
  readonly value: V;
  /** Unix time in milliseconds, never negative. */
  readonly timestampMs: number;
  readonly headers: Headers;
}

/** Where the record that a task is processing stands on the log. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** The record from the log that a task is processing, for what is written because of it. */
export interface RecordContext extends RecordMetadata {
  readonly timestampMs: number;
  readonly headers: Headers;
}
