import type { DescribedGroup } from '../../groups/types.ts';
import { describeGroups } from '../../protocol/apis/describe-groups.ts';
import { listGroups } from '../../protocol/apis/list-groups.ts';
import { errorCodes } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { allGroupOperations, operationsNotAskedFor } from '../operations.ts';
import { serve } from '../served-api.ts';

const unknownIsAnErrorSince = 6;
const groupType = 'classic';

/** DescribeGroups (G18): an unknown group is Dead; version 6 says GROUP_ID_NOT_FOUND. */
export const describeGroupsHandler = ({ groups }: BrokerServices) =>
  serve(describeGroups, (request, { apiVersion }) => ({
    groups: request.groups.map((groupId) => ({
      ...described(groups.describe(groupId), apiVersion),
      authorizedOperations: request.includeAuthorizedOperations ? allGroupOperations : operationsNotAskedFor,
    })),
  }));

function described(group: DescribedGroup, apiVersion: number) {
  const unknown = group.state === 'Dead' && apiVersion >= unknownIsAnErrorSince;
  return {
    errorCode: unknown ? errorCodes.GROUP_ID_NOT_FOUND : errorCodes.NONE,
    errorMessage: unknown ? `there is no group ${group.groupId}` : null,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType,
    protocolData: group.protocolName,
    members: group.members.map(({ metadata, assignment, ...member }) => ({
      ...member,
      memberMetadata: metadata,
      memberAssignment: assignment,
    })),
  };
}

/** ListGroups (G18), filtered by state and type, whatever their case. */
export const listGroupsHandler = ({ groups }: BrokerServices) =>
  serve(
    listGroups,
    ({ statesFilter, typesFilter }) => {
      const matches = (filter: readonly string[], text: string) =>
        filter.length === 0 || filter.some((wanted) => wanted.toLowerCase() === text.toLowerCase());
      const listed = groups.list().filter(({ state }) => matches(statesFilter, state) && matches(typesFilter, groupType));
      return {
        errorCode: errorCodes.NONE,
        groups: listed.map(({ groupId, protocolType, state }) => ({ groupId, protocolType, groupState: state, groupType })),
      };
    },
    { refuse: (errorCode) => ({ errorCode, groups: [] }) },
  );
