import type { RecordMetadata, Headers } from './record.ts';

/** A record of a topic after its bytes were decoded, before the topology sees it. */
export interface LogRecord<K = unknown, V = unknown> extends RecordMetadata {
  readonly key: K;
  readonly value: V;
  /** The time that the log gives the record, in Unix milliseconds. */
  readonly timestampMs: number;
  readonly headers: Headers;
}

/**
 * Gives a record its time in Unix milliseconds. A negative time drops the record. `partitionTimeMs`
 * is the largest time of the partition so far, or -1.
 */
export type TimestampExtractor<K = unknown, V = unknown> = (
  record: LogRecord<K, V>,
  partitionTimeMs: number,
) => number;

/** Chooses the topic that a record is written to. */
export type TopicExtractor<K = unknown, V = unknown> = (key: K, value: V, context: SinkContext) => string;

/** The facts about the record being processed that a topic extractor can use. */
export interface SinkContext extends RecordMetadata {
  readonly timestampMs: number;
  readonly headers: Headers;
}

/** Chooses the partitions of a record. Undefined: the partition that the key's bytes hash to. */
export type StreamPartitioner<K = unknown, V = unknown> = (
  topic: string,
  key: K,
  value: V,
  partitionCount: number,
) => number | readonly number[] | undefined;
