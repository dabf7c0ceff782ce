import type { TopicPartition } from './topic-partition.ts';

export interface RecordHeader {
  readonly name: string;
  readonly value: Buffer | null;
}

export interface ConsumedRecord extends TopicPartition {
  readonly offset: bigint;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The headers as text. If a name is repeated, its last value counts. */
  readonly headers: ReadonlyMap<string, string>;
}

/** A record as it is on the log. */
export interface FetchedRecord extends ConsumedRecord {
  /** All headers in their order, with repeated names and raw values. Decoded on demand. */
  readonly headerList: readonly RecordHeader[];
}

/**
 * A position to read from. With `topicId` it applies only to the topic with that id, otherwise to
 * the topic that was identified last.
 */
export interface FetchPosition extends TopicPartition {
  readonly offset: bigint;
  readonly topicId?: string;
}

/**
 * The answer for one partition. `nextOffset` is the position to read next, which may skip control
 * batches and compacted offsets.
 */
export interface FetchedPartition<Record extends ConsumedRecord = ConsumedRecord> extends TopicPartition {
  readonly records: readonly Record[];
  readonly nextOffset: bigint;
  readonly highWatermark: bigint;
  /** The end of what `read_committed` can return so far. Absent if no answer has given it. */
  readonly lastStableOffset?: bigint;
  readonly error?: Error;
}

/** Records that are decoded one by one when they are taken, so that few of them are in memory. */
export interface UndecodedRecords {
  /** How many records there are at most. Those before the position of the fetch count as well. */
  readonly countMax: number;
  /** The bytes of their batches as they were fetched. */
  readonly sizeBytes: number;
  /** Returns the next record, or undefined after the last. Throws for malformed bytes. */
  next(): FetchedRecord | undefined;
}

/** Like `FetchedPartition`, with records that are not decoded yet. */
export interface UndecodedPartition extends Omit<FetchedPartition, 'records'> {
  readonly records: UndecodedRecords;
}

/**
 * `read_committed` leaves out records of aborted transactions, and stops before the first open
 * transaction (KIP-98). Records without a transaction count as committed.
 */
export type Isolation = 'read_uncommitted' | 'read_committed';
