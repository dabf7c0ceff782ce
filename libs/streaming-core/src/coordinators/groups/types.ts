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
  /** From version 4 on a new dynamic member is first given an id (KIP-394). */
  readonly requireKnownMemberId: boolean;
  /** From version 9 on a restarted static leader gets SkipAssignment (KIP-814). */
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
  /** Of the group as a whole; then there are no partitions. */
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
 * The classic group coordinator (section 5.5 of the protocol notes, G1-G22). Every group and offset lives in `__consumer_offsets`,
 * in Kafka's own record format, durable before the answer; a restart reloads them.
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
  /** `retentionMs`: how long the offsets are kept, where the client says it. */
  commitOffsets(
    member: MemberIdentity,
    offsets: readonly CommittedOffset[],
    retentionMs?: bigint,
  ): Promise<ReadonlyArray<GroupPartition & { readonly errorCode: ErrorCode }>>;
  /** The same in a producer's transaction: pending until its end (X10). The caller knows from the transaction coordinator that the group is in it. */
  commitInTransaction(
    member: MemberIdentity,
    offsets: readonly CommittedOffset[],
    producer: TransactionalProducer,
  ): Promise<ReadonlyArray<GroupPartition & { readonly errorCode: ErrorCode }>>;
  /** Creates `__consumer_offsets` when it is not there. Throws COORDINATOR_NOT_AVAILABLE (`ProtocolError`) when it cannot be created. */
  prepare(): Promise<void>;
  /** Which partition of `__consumer_offsets` has the group: what takes part in a transaction. */
  partitionOf(groupId: string): Promise<number>;
  /** Decides what a transaction has committed in a partition of `__consumer_offsets`; durable when it resolves. */
  endTransaction(partition: number, marker: TransactionMarker): Promise<void>;
  /** Whether an undecided transaction has committed an offset there (V4). */
  isPending(groupId: string, place: GroupPartition): boolean;
  /** `partitions` null: all that the group has committed. Throws NOT_COORDINATOR (`ProtocolError`) when that cannot be read. */
  fetchOffsets(groupId: string, partitions: readonly GroupPartition[] | null): readonly CommittedOffset[];
  describe(groupId: string): DescribedGroup;
  /** Removes a group without members, and its offsets. GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP. Durable when it resolves. */
  deleteGroup(groupId: string): Promise<ErrorCode>;
  /** Removes committed offsets: each partition for itself, GROUP_SUBSCRIBED_TO_TOPIC while members read it. Durable when it resolves. */
  deleteOffsets(groupId: string, partitions: readonly GroupPartition[]): Promise<DeletedOffsets>;
  list(): ReadonlyArray<Pick<DescribedGroup, 'groupId' | 'protocolType' | 'state'>>;
  /** Drops the offsets of a deleted topic. */
  forgetTopic(topic: string): Promise<void>;
  /** Stops every timer; parked joins and syncs are answered with NOT_COORDINATOR. */
  close(): Promise<void>;
}
