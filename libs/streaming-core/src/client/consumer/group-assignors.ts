import { ClientError } from '../errors/client-error.ts';
import type { Assignment } from '../group-consumer-types.ts';
import type {
  Assignor,
  GroupAssignment,
  GroupMember,
  MemberAssignment,
  RebalanceProtocol,
} from './assignor.ts';
import { decodeSubscription, encodeSubscription } from './consumer-protocol.ts';
import type { JoinedGroup, OfferedAssignor } from './group-requests.ts';

/** The assignors that a member offers to its group, the preferred one first. */
export class GroupAssignors {
  readonly #assignors: readonly Assignor[];
  readonly #rackId: string | undefined;
  /** Cooperative if all assignors are. */
  readonly protocol: RebalanceProtocol;

  constructor(assignors: readonly Assignor[], rackId?: string) {
    this.#assignors = assignors;
    this.#rackId = rackId;
    this.protocol = assignors.every(({ protocols }) => protocols.includes('cooperative'))
      ? 'cooperative'
      : 'eager';
  }

  /** Only a cooperative member states what it holds while it joins. */
  offers(topics: readonly string[], held: Assignment | undefined): readonly OfferedAssignor[] {
    const generationId = held?.generationId ?? -1;
    const kept =
      this.protocol === 'cooperative' ? { ownedPartitions: held?.partitions, generationId } : undefined;
    return this.#assignors.map((assignor) => {
      const userData = assignor.userData?.({ topics, generationId });
      const metadata = encodeSubscription({ topics, userData, rackId: this.#rackId, ...kept });
      return { name: assignor.name, metadata };
    });
  }

  /** Assigns the partitions for all members. */
  assign(
    joined: JoinedGroup,
    members: readonly GroupMember[],
    partitionCounts: ReadonlyMap<string, number>,
  ): GroupAssignment | Promise<GroupAssignment> {
    return this.#chosen(joined).assign(members, partitionCounts);
  }

  accept(joined: JoinedGroup, assignment: MemberAssignment): void {
    this.#chosen(joined).onAssignment?.({ ...assignment, generationId: joined.generationId });
  }

  #chosen({ protocolName }: JoinedGroup): Assignor {
    const chosen = this.#assignors.find(({ name }) => name === protocolName);
    if (chosen === undefined)
      throw new ClientError(
        'broker_error',
        `the group uses the assignor "${protocolName}", which this member has not offered`,
      );
    return chosen;
  }
}

/** Reads the subscriptions that the coordinator has sent to the leader. */
export const membersOf = ({ members }: JoinedGroup): readonly GroupMember[] =>
  members.map(({ memberId, groupInstanceId, metadata }) => ({
    ...decodeSubscription(metadata),
    memberId,
    groupInstanceId: groupInstanceId ?? undefined,
  }));
