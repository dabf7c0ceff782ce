import type { FetchedRecord } from '../../fetched-records.ts';
import type {
  CommittedOffset,
  OffsetForTime,
  OffsetToCommit,
  PartitionTime,
  TopicPartition,
} from '../../topic-partition.ts';
import type { PartitionOffset } from '../offset-lookup.ts';

/** Records of one partition, in order. There is at least one. */
export interface ConsumedBatch extends TopicPartition {
  readonly records: readonly FetchedRecord[];
  /** The offset to read after this batch. */
  readonly nextOffset: bigint;
}

/**
 * A member of a consumer group that keeps track of its offsets. Iterate over it for records, or
 * over `batches()`. One loop may run at a time. The first one joins the group.
 *
 * The records that the loop has received count as finished when it asks for more. Only finished
 * records are committed automatically, so a record is delivered again if the process dies, or if
 * the loop breaks or throws, before it is finished (at least once). Every operation rejects with
 * `ClientError`.
 */
export interface Consumer extends AsyncIterable<FetchedRecord, undefined>, AsyncDisposable {
  /** Joins the group, unless a loop has. Resolves at the first assignment. */
  start(): Promise<void>;
  /** Iterates over batches, each with the records that one fetch returned for a partition. */
  batches(): AsyncIterableIterator<ConsumedBatch, undefined>;
  /**
   * Commits everything that was delivered, what the loop has in hand included. With an argument,
   * commits up to this record or batch, or these offsets with their metadata. Waits for the broker,
   * and repeats the request during a rebalance. Rejects with `not_member` if another member owns a
   * partition now.
   */
  commit(what?: FetchedRecord | ConsumedBatch | readonly OffsetToCommit[]): Promise<void>;
  /** The partitions that this member has now. */
  readonly assignment: readonly TopicPartition[];
  /** The bytes of records that wait for the loop. */
  readonly bufferedBytes: number;
  /**
   * Continues with this offset, whatever was buffered. Earlier offsets count as finished. Throws
   * `not_member` if another member owns the partition.
   */
  seek(to: PartitionOffset): void;
  /** Delivers and fetches nothing of these partitions until `resume`. Keeps what is buffered. */
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Returns the offset of the next record, or undefined while it is being looked up. */
  position(at: TopicPartition): bigint | undefined;
  /** Returns what the group has committed. Leaves out partitions without a commit. */
  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]>;
  /** Asks the log for the first offsets that it still holds. */
  beginningOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  /** Asks the log for the ends that a reader with the consumer's isolation reaches. */
  endOffsets(partitions: readonly TopicPartition[]): Promise<readonly PartitionOffset[]>;
  /**
   * Finds the first record of each partition with this timestamp or a later one, and returns
   * undefined where there is none. Takes one time per partition.
   */
  offsetsForTimes(times: readonly PartitionTime[]): Promise<ReadonlyArray<OffsetForTime | undefined>>;
  /**
   * Ends the loop, waits for what it has in hand, commits automatically if that is on, and leaves
   * the group. Inside the loop, leave it with `break` first: it would wait for itself until
   * `drainTimeoutMs`.
   */
  close(): Promise<void>;
}
