import type { Headers, LogRecord } from '../processor/record.ts';

/** A record of a task's source partition, as bytes. */
export type RawRecord = LogRecord<Uint8Array | null, Uint8Array | null>;

/** A record that the task can process. `timestampMs` is the time that its source extracted. */
export interface DecodedRecord extends LogRecord {
  readonly sourceName: string;
}

/** A record that a task writes, as bytes. */
export interface ProducedRecord {
  /** The name on the broker, with the prefix of an internal topic. */
  readonly topic: string;
  /** If undefined, the partition is the one that `partitionKey` hashes to. */
  readonly partition: number | undefined;
  /** The key, or the part of it that chooses the partition. Null stands for any partition. */
  readonly partitionKey: Uint8Array | null;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  readonly timestampMs: number;
}

/** The output of a task. It must keep the order of the records of one partition. */
export interface RecordCollector {
  collect(record: ProducedRecord): void;
  /** Throws if the topic is unknown. */
  partitionCount(topic: string): number;
}
