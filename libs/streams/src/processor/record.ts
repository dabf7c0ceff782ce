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

/** The position on the log of the record that a task is processing. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * The record from the log that a task is processing. What the task writes gets its time and
 * headers.
 */
export interface RecordContext extends RecordMetadata {
  /** Unix time in milliseconds. */
  readonly timestampMs: number;
  readonly headers: Headers;
}

/** A record of a topic after its bytes were decoded, before the topology sees it. */
export interface LogRecord<K = unknown, V = unknown> extends RecordContext {
  readonly key: K;
  readonly value: V;
}

/**
 * Returns the time of a record in Unix milliseconds. A negative time drops the record.
 * `partitionTimeMs` is the largest time of the partition so far, or -1.
 */
export type TimestampExtractor<K = unknown, V = unknown> = (
  record: LogRecord<K, V>,
  partitionTimeMs: number,
) => number;

/** Chooses the topic that a record is written to. */
export type TopicExtractor<K = unknown, V = unknown> = (key: K, value: V, context: SinkContext) => string;

/** The facts about the record being processed that a topic extractor can use. */
export type SinkContext = RecordContext;

/**
 * Chooses the partition of a record. Undefined stands for the partition that the key's bytes hash
 * to.
 */
export type StreamPartitioner<K = unknown, V = unknown> = (
  topic: string,
  key: K,
  value: V,
  partitionCount: number,
) => number | readonly number[] | undefined;

/** An update of a table: the value before and after. Null is no value. */
export interface Change<V> {
  readonly newValue: V | null;
  /** Also null if no node downstream asked for old values. */
  readonly oldValue: V | null;
  /** False if the update is older than the table's value for the key. */
  readonly isLatest: boolean;
}

/** A value and the time of the record that set it, in Unix milliseconds. */
export interface ValueAndTimestamp<V> {
  readonly value: V;
  readonly timestampMs: number;
}
