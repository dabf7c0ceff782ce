import type { TransactionMarker } from '../../records/transaction-marker.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import type { TransactionalProducer } from './offsets-topic.ts';

export interface JoinGroupInput {
  readonly groupId: string;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: ReadonlyArray<{ readonly name: string; readonly metadata: Buffer }>;
  /** From JoinGroup v4, a new dynamic member first receives an id (KIP-394). */
  readonly requireKnownMemberId: boolean;
  /** From JoinGroup v9, a restarted static leader receives SkipAssignment (KIP-814). */
  readonly supportsSkippingAssignment: boolean;
}

export interface JoinGroupResult {
  readonly errorCode: ErrorCode;
  readonly generationId: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  readonly members: ReadonlyArray<{
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly metadata: Buffer;
  }>;
}

export interface SyncGroupInput {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignments: ReadonlyArray<{ readonly memberId: string; readonly assignment: Buffer }>;
}

export interface SyncGroupResult {
  readonly errorCode: ErrorCode;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

export interface MemberIdentity {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export interface LeavingMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

export interface CommittedOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly leaderEpoch: number;
  readonly metadata: string | null;
}

export interface GroupPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface DeletedOffsets {
  /** An error of the whole group. If there is one, `partitions` is empty. */
  readonly errorCode: ErrorCode;
  readonly partitions: ReadonlyArray<GroupPartition & { readonly errorCode: ErrorCode }>;
}

export interface DescribedGroup {
  readonly errorCode: ErrorCode;
  readonly groupId: string;
  readonly state: 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';
  readonly protocolType: string;
  readonly protocolName: string;
  readonly members: ReadonlyArray<{
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly clientId: string;
    readonly clientHost: string;
    readonly metadata: Buffer;
    readonly assignment: Buffer;
  }>;
}

/**
 * The coordinator of classic consumer groups. Every group and offset is in `__consumer_offsets`, in
 * Kafka's own record format, and durable before the answer. A restart reloads them.
 */
export interface GroupCoordinator {
  join(input: JoinGroupInput): Promise<JoinGroupResult>;
  sync(input: SyncGroupInput): Promise<SyncGroupResult>;
  heartbeat(member: MemberIdentity): ErrorCode;
  leave(
    groupId: string,
    members: readonly LeavingMember[],
  ): Promise<{
    readonly errorCode: ErrorCode;
    readonly members: ReadonlyArray<LeavingMember & { readonly errorCode: ErrorCode }>;
  }>;
  /** `retentionMs` is how long the offsets are kept, if the client says so. */
  commitOffsets(
    member: MemberIdentity,
    offsets: readonly CommittedOffset[],
    retentionMs?: bigint,
  ): Promise<ReadonlyArray<GroupPartition & { readonly errorCode: ErrorCode }>>;
  /**
   * Commits in a producer's transaction. The offsets are pending until it ends. The caller has to
   * make sure that the transaction coordinator has added the group to the transaction.
   */
  commitInTransaction(
    member: MemberIdentity,
    offsets: readonly CommittedOffset[],
    producer: TransactionalProducer,
  ): Promise<ReadonlyArray<GroupPartition & { readonly errorCode: ErrorCode }>>;
  /**
   * Creates `__consumer_offsets` if it does not exist. Throws COORDINATOR_NOT_AVAILABLE
   * (`ProtocolError`) when it cannot be created.
   */
  prepare(): Promise<void>;
  /**
   * Returns the partition of `__consumer_offsets` that has the group, which is the partition that
   * takes part in a transaction.
   */
  partitionOf(groupId: string): Promise<number>;
  /**
   * Commits or aborts the offsets of a transaction in a partition of `__consumer_offsets`. Resolves
   * when that is durable.
   */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void>;
  /** Whether an undecided transaction has committed an offset for the partition. */
  isPending(groupId: string, place: GroupPartition): boolean;
  /**
   * Returns all offsets of the group if `partitions` is null. Throws NOT_COORDINATOR
   * (`ProtocolError`) when they cannot be read.
   */
  fetchOffsets(groupId: string, partitions: readonly GroupPartition[] | null): readonly CommittedOffset[];
  describe(groupId: string): DescribedGroup;
  /**
   * Removes a group without members, and its offsets. Returns GROUP_ID_NOT_FOUND or NON_EMPTY_GROUP
   * if it cannot. The removal is durable when the promise resolves.
   */
  deleteGroup(groupId: string): Promise<ErrorCode>;
  /**
   * Removes committed offsets, and returns a code for each partition: GROUP_SUBSCRIBED_TO_TOPIC
   * while members subscribe to its topic. The removal is durable when the promise resolves.
   */
  deleteOffsets(groupId: string, partitions: readonly GroupPartition[]): Promise<DeletedOffsets>;
  list(): ReadonlyArray<Pick<DescribedGroup, 'groupId' | 'protocolType' | 'state'>>;
  /** Drops the offsets of a deleted topic. */
  forgetTopic(topic: string): Promise<void>;
  /** Stops every timer and answers parked joins and syncs with NOT_COORDINATOR. */
  close(): Promise<void>;
}
