import type { DescribedGroup } from '../../coordinators/groups/group-coordinator-port.ts';
import { describeGroups, listGroups, deleteGroups, offsetDelete } from '../../protocol/apis/group-admin.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { allGroupOperations, operationsNotAskedFor } from '../authorized-operations.ts';
import { serve, shortened } from '../served-api.ts';
import { listedOnce } from '../items-of-request.ts';

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
