import { describeGroups, type DescribeGroupsResponse } from '../../protocol/apis/groups.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerAddress } from '../connection/broker-address.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import { decodeAssignment } from '../consumer/consumer-protocol.ts';
import type { TopicPartition } from '../topic-partition.ts';
import type { Answers } from './admin-calls.ts';
import { refusal } from './items-of-call.ts';

export interface MemberDescription {
  readonly memberId: string;
  /** The name of a static member (KIP-345), or null. */
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly host: string;
  /**
   * The partitions of the member. The list is empty during a rebalance, and in groups whose members
   * are not consumers, such as those of Kafka Connect.
   */
  readonly assignment: readonly TopicPartition[];
}

export interface GroupDescription {
  readonly groupId: string;
  /** The state as the broker names it, such as `Stable`, `PreparingRebalance` or `Empty`. */
  readonly state: string;
  readonly protocolType: string;
  /** The assignor that the members have agreed on, such as `range`. */
  readonly protocol: string;
  readonly coordinator: BrokerAddress;
  readonly members: readonly MemberDescription[];
}

type Described = DescribeGroupsResponse['groups'][number];

/** Asks the coordinator of these groups. */
export async function describeGroupsOnce(
  connection: BrokerConnection,
  asked: ReadonlyMap<string, string>,
): Promise<Answers<GroupDescription>> {
  const { groups } = await connection.request(describeGroups, connection.versions.newest(describeGroups), {
    groups: [...asked.keys()],
  });
  return new Map(groups.map((group) => [group.groupId, described(group, connection.address)]));
}

function described(group: Described, { host, port }: BrokerAddress): GroupDescription | Error {
  // Before version 6 a group that does not exist is described as dead.
  const dead = group.errorCode === errorCodes.NONE && group.groupState === 'Dead';
  const refused = refusal(dead ? errorCodes.GROUP_ID_NOT_FOUND : group.errorCode);
  if (refused) return refused;
  return {
    groupId: group.groupId,
    state: group.groupState,
    protocolType: group.protocolType,
    protocol: group.protocolData,
    coordinator: { host, port },
    members: group.members.map(
      ({ memberId, groupInstanceId = null, clientId, clientHost, memberAssignment }) => ({
        memberId,
        groupInstanceId,
        clientId,
        host: clientHost,
        assignment: group.protocolType === 'consumer' ? readable(memberAssignment) : [],
      }),
    ),
  };
}

/** The assignment comes from another member, which may be any program. */
function readable(assignment: Buffer): readonly TopicPartition[] {
  try {
    return decodeAssignment(assignment).partitions;
  } catch {
    return [];
  }
}
