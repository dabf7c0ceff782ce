import type { DescribedGroup } from '../../coordinators/groups/group-requests.ts';
import {
  describeGroups,
  listGroups,
  deleteGroups,
  offsetDelete,
  heartbeat,
  joinGroup,
  syncGroup,
  leaveGroup,
} from '../../protocol/apis/groups.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { allGroupOperations, operationsNotAskedFor, serve, shortened } from '../served-api.ts';
import { listedOnce } from '../items-of-request.ts';

const memberIdFirstSince = 4;
const protocolNamedSince = 5;
const skipAssignmentSince = 9;
const nullProtocolNameSince = 7;
const severalLeaversSince = 3;

/**
 * JoinGroup: parks until the rebalance is complete. In version 0 the session timeout serves as the
 * rebalance timeout.
 */
export const joinGroupHandler = ({ groups }: BrokerServices) =>
  serve(
    joinGroup,
    async (request, { apiVersion, clientId, clientHost }) => {
      const { rebalanceTimeoutMs, sessionTimeoutMs } = request;
      const result = await groups.join({
        ...request,
        clientId,
        clientHost,
        rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? sessionTimeoutMs : rebalanceTimeoutMs,
        requireKnownMemberId: apiVersion >= memberIdFirstSince,
        supportsSkippingAssignment: apiVersion >= skipAssignmentSince,
      });
      return {
        ...result,
        protocolName: result.protocolName ?? (apiVersion >= nullProtocolNameSince ? null : ''),
      };
    },
    {
      refuse: (errorCode, _message, { memberId }, { apiVersion }) => ({
        errorCode,
        protocolName: apiVersion >= nullProtocolNameSince ? null : '',
        leader: '',
        memberId,
        members: [],
      }),
    },
  );

/**
 * SyncGroup: parks until the leader has sent the assignments. In versions that have the field, the
 * protocol name is required (KIP-559).
 */
export const syncGroupHandler = ({ groups }: BrokerServices) =>
  serve(
    syncGroup,
    (request, { apiVersion }) => {
      if (
        apiVersion >= protocolNamedSince &&
        (request.protocolType === null || request.protocolName === null)
      )
        throw new ProtocolError('INCONSISTENT_GROUP_PROTOCOL', 'protocol type and name are required');
      return groups.sync(request);
    },
    { refuse: (errorCode) => ({ errorCode, assignment: Buffer.alloc(0) }) },
  );

export const heartbeatHandler = ({ groups }: BrokerServices) =>
  serve(heartbeat, (request) => ({ errorCode: groups.heartbeat(request) }), {
    refuse: (errorCode) => ({ errorCode }),
  });

/**
 * LeaveGroup. Before version 3 there is one member, and its error is the error of the whole
 * response.
 */
export const leaveGroupHandler = ({ groups }: BrokerServices) =>
  serve(
    leaveGroup,
    async ({ groupId, memberId, members }, { apiVersion }) => {
      const single = apiVersion < severalLeaversSince;
      const result = await groups.leave(groupId, single ? [{ memberId, groupInstanceId: null }] : members);
      if (!single) return result;
      const own = result.members[0]?.errorCode ?? errorCodes.NONE;
      return { errorCode: result.errorCode === errorCodes.NONE ? own : result.errorCode };
    },
    { refuse: (errorCode) => ({ errorCode }) },
  );

const unknownIsAnErrorSince = 6;
const groupType = 'classic';

/** DescribeGroups: an unknown group is Dead, and from version 6 GROUP_ID_NOT_FOUND. */
export const describeGroupsHandler = ({ groups }: BrokerServices) =>
  serve(describeGroups, (request, { apiVersion }) => ({
    groups: request.groups.map((groupId) => {
      const group = groups.describe(groupId);
      if (
        group.errorCode === errorCodes.NONE &&
        group.state === 'Dead' &&
        apiVersion >= unknownIsAnErrorSince
      )
        return unknown(groupId);
      return {
        ...described(group),
        authorizedOperations: request.includeAuthorizedOperations
          ? allGroupOperations
          : operationsNotAskedFor,
      };
    }),
  }));

const unknown = (groupId: string) => ({
  errorCode: errorCodes.GROUP_ID_NOT_FOUND,
  errorMessage: shortened(`there is no group ${groupId}`),
  groupId,
  groupState: 'Dead',
  protocolType: '',
  protocolData: '',
  members: [],
});

const described = ({ errorCode, groupId, state, protocolType, protocolName, members }: DescribedGroup) => ({
  errorCode,
  groupId,
  groupState: state,
  protocolType,
  protocolData: protocolName,
  members: members.map(({ metadata, assignment, ...member }) => ({
    ...member,
    memberMetadata: metadata,
    memberAssignment: assignment,
  })),
});

/** ListGroups, filtered by state and type without regard to case. */
export const listGroupsHandler = ({ groups }: BrokerServices) =>
  serve(
    listGroups,
    ({ statesFilter, typesFilter }) => {
      const [isState, isType] = [statesFilter, typesFilter].map(matcher) as [Matcher, Matcher];
      const listed = groups.list().filter(({ state }) => isState(state) && isType(groupType));
      return {
        errorCode: errorCodes.NONE,
        groups: listed.map(({ groupId, protocolType, state }) => ({
          groupId,
          protocolType,
          groupState: state,
          groupType,
        })),
      };
    },
    { refuse: (errorCode) => ({ errorCode, groups: [] }) },
  );

type Matcher = (text: string) => boolean;

/** An empty filter matches everything. */
function matcher(wanted: readonly string[]): Matcher {
  const names = new Set(wanted.map((name) => name.toLowerCase()));
  return (text) => names.size === 0 || names.has(text.toLowerCase());
}

/**
 * DeleteGroups: removes groups without members, with their offsets. A group that is named twice has
 * one result.
 */
export const deleteGroupsHandler = ({ groups }: BrokerServices) =>
  serve(deleteGroups, async ({ groupsNames }) => ({
    results: await Promise.all(
      [...new Set(groupsNames)].map(async (groupId) => ({
        groupId,
        errorCode: await groups.deleteGroup(groupId),
      })),
    ),
  }));

/** OffsetDelete (KIP-496): removes offsets of topics that no member of the group subscribes to. */
export const offsetDeleteHandler = ({ groups }: BrokerServices) =>
  serve(
    offsetDelete,
    async ({ groupId, topics }) => {
      const asked = topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })),
      );
      const { errorCode, partitions } = await groups.deleteOffsets(groupId, asked);
      const told = errorCode === errorCodes.NONE ? [...Map.groupBy(partitions, ({ topic }) => topic)] : [];
      return {
        errorCode,
        topics: listedOnce(
          told.map(([name, ofTopic]) => ({
            name,
            partitions: ofTopic.map((each) => ({
              partitionIndex: each.partition,
              errorCode: each.errorCode,
            })),
          })),
        ),
      };
    },
    { refuse: (errorCode) => ({ errorCode, topics: [] }) },
  );
