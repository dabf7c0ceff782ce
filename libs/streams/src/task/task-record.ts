import type { Headers, LogRecord } from '../processor/record.ts';

/** A record of a source partition of a task, as bytes. */
export type RawRecord = LogRecord<Uint8Array | null, Uint8Array | null>;

/** A record that the task can process. `timestampMs` is the time that its source extracted. */
export interface DecodedRecord extends LogRecord {
  readonly sourceName: string;
}

/** A record that a task writes, as bytes. */
export interface ProducedRecord {
  /** The name on the broker, with the prefix of an internal topic. */
  readonly topic: string;
  /** Undefined: the partition that `partitionKey` hashes to. */
  readonly partition: number | undefined;
  /** The key, or the part of it that chooses the partition. Null: any partition. */
  readonly partitionKey: Uint8Array | null;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Headers;
  readonly timestampMs: number;
}

/** Where a task writes to. It must keep the order of the records of one partition. */
export interface RecordCollector {
  collect(record: ProducedRecord): void;
  /** Throws if the topic is unknown. */
  partitionCount(topic: string): number;
}
