import type { TopicPartition } from '../topic-partition.ts';

/**
 * How a member gives up partitions. An eager member gives all of them up before each rebalance. A
 * cooperative member keeps its partitions during a rebalance, gives up those that the result
 * assigns to others, and then rejoins (KIP-429).
 */
export type RebalanceProtocol = 'eager' | 'cooperative';

/** A member as the leader of the group sees it. */
export interface GroupMember {
  readonly memberId: string;
  readonly topics: readonly string[];
  readonly groupInstanceId?: string;
  /** The partitions that a cooperative member kept when it joined. */
  readonly ownedPartitions?: readonly TopicPartition[];
  /** The generation that assigned the owned partitions, or -1 if the member does not state it. */
  readonly generationId?: number;
  readonly rackId?: string;
  /** The result of `userData` of the member's assignor. */
  readonly userData?: Buffer | null;
}

/** The part of an assignment that one member gets. */
export interface MemberAssignment {
  readonly partitions: readonly TopicPartition[];
  /** Data for the `onAssignment` of the member's assignor. */
  readonly userData?: Buffer | null;
}

/** The assignment of each member, by its id. */
export type GroupAssignment = ReadonlyMap<string, MemberAssignment>;

/**
 * Shares the partitions of a group among its members. All members of a group need an assignor with
 * the same name, and the leader's one assigns.
 */
export interface Assignor {
  readonly name: string;
  /** A member is cooperative if all of its assignors are. */
  readonly protocols: readonly RebalanceProtocol[];
  /** Returns data for the leader. Called at each join with the last generation, or -1. */
  userData?(subscription: {
    readonly topics: readonly string[];
    readonly generationId: number;
  }): Buffer | null;
  /**
   * Returns the assignment of each member. `partitionCounts` has every topic that exists and has a
   * subscriber. The group waits for it, within the session timeout.
   */
  assign(
    members: readonly GroupMember[],
    partitionCounts: ReadonlyMap<string, number>,
  ): GroupAssignment | Promise<GroupAssignment>;
  /** Called with the assignment of this member, before its listener. */
  onAssignment?(assignment: MemberAssignment & { readonly generationId: number }): void;
}

/** An assignor that needs nothing but the members and the partition counts. */
export interface ImmediateAssignor extends Assignor {
  assign(members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>): GroupAssignment;
}

/**
 * The order in which Kafka's assignors serve members: static members by their instance name, then
 * the others by member id. Compares UTF-16 code units, as Java's `String.compareTo` does, because
 * members with either client must agree on the order.
 */
export function byMember(left: GroupMember, right: GroupMember): number {
  if (left.groupInstanceId !== undefined && right.groupInstanceId !== undefined)
    return compare(left.groupInstanceId, right.groupInstanceId);
  if (left.groupInstanceId !== undefined) return -1;
  if (right.groupInstanceId !== undefined) return 1;
  return compare(left.memberId, right.memberId);
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Lists all partitions, ordered by topic name and number. */
export const allPartitions = (partitionCounts: ReadonlyMap<string, number>): readonly TopicPartition[] =>
  [...partitionCounts]
    .sort(([left], [right]) => compare(left, right))
    .flatMap(([topic, count]) => Array.from({ length: count }, (_, partition) => ({ topic, partition })));
