import type { FetchPosition, FetchedPartition } from './fetched-records.ts';
import type {
  CommittedOffset,
  OffsetForTime,
  OffsetToCommit,
  PartitionTime,
  TopicIdentity,
  TopicPartition,
} from './topic-partition.ts';

export interface Assignment {
  readonly memberId: string;
  readonly generationId: number;
  readonly partitions: readonly TopicPartition[];
}

export interface GroupListener {
  /**
   * The member waits for this before it rejoins. Finish the work in flight for its partitions here,
   * within the session timeout.
   */
  onRevoked(): Promise<void>;
  onAssigned(assignment: Assignment): Promise<void>;
  /**
   * Called instead of `onRevoked` if other members may have the partitions already, so that nothing
   * can be committed for them. Without this method, `onRevoked` is called.
   */
  onLost?(): Promise<void>;
  /**
   * Called when this member has given up its membership permanently, after its partitions were
   * revoked. Only a new consumer can join again.
   */
  onStopped?(error: Error): void;
}

/**
 * A member of a consumer group. It fetches on separate connections. The caller keeps track of the
 * offsets.
 */
export interface GroupConsumer {
  /**
   * Joins the group and stays in it. A failed join or rejoin is retried with backoff until `close`.
   * Resolves at the first assignment.
   */
  start(listener: GroupListener): Promise<void>;
  /**
   * Makes one long poll over the given positions. Returns one result for each, in their order:
   * partitions that failed have an error, and the others have records.
   */
  fetch(positions: readonly FetchPosition[]): Promise<readonly FetchedPartition[]>;
  identify(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  /**
   * Asks the log for the current high watermarks, or with `read_committed` for the last stable
   * offsets.
   */
  endOffsets(
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyArray<TopicPartition & { readonly offset: bigint }>>;
  /** Asks the log for the first offsets that it still holds. */
  beginningOffsets(
    partitions: readonly TopicPartition[],
  ): Promise<ReadonlyArray<TopicPartition & { readonly offset: bigint }>>;
  /**
   * Asks the log for the first record of each partition whose timestamp is at or after the given one.
   * Returns undefined for partitions without such a record.
   */
  offsetsForTimes(times: readonly PartitionTime[]): Promise<ReadonlyArray<OffsetForTime | undefined>>;
  /**
   * Commits offsets to the broker, for lag tools and `committed`. The authoritative offsets are in
   * PostgreSQL. The caller logs the errors.
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>;
  /** Returns what the group has committed to the broker. Leaves out partitions without a commit. */
  committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]>;
  /** Leaves the group, waits and joins again, as a fenced member has to. */
  rejoin(): Promise<void>;
  /**
   * Gives all partitions up and joins again without leaving the group, so that the others keep
   * theirs until the leader has assigned anew. The coordinator repeats the present assignment for a
   * member that does not lead the group and has nothing new to tell.
   */
  rebalance(): Promise<void>;
  close(): Promise<void>;
}
