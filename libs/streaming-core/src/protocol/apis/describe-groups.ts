import { api } from '../api.ts';
import { array, arrayOf, bool, bytes, int16, int32, string, struct, type Given } from '../schema.ts';

/**
 * DescribeGroups, key 15. v3 authorized operations, v4 static members, v5 flexible, v6
 * GROUP_ID_NOT_FOUND for unknown groups (KIP-1043).
 */
const describeGroupsRequest = struct(
  'DescribeGroupsRequest',
  { versions: '0-6', flexible: '5+' },
  {
    groups: arrayOf(string()),
    includeAuthorizedOperations: bool({ versions: '3+', absent: false }),
  },
);

const describeGroupsResponse = struct(
  'DescribeGroupsResponse',
  { versions: '0-6', flexible: '5+' },
  {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    groups: array({
      errorCode: int16(),
      errorMessage: string({ versions: '6+', nullable: '6+', absent: null }),
      groupId: string(),
      groupState: string(),
      protocolType: string(),
      protocolData: string(),
      members: array({
        memberId: string(),
        groupInstanceId: string({ versions: '4+', nullable: '4+', absent: null }),
        clientId: string(),
        clientHost: string(),
        memberMetadata: bytes(),
        memberAssignment: bytes(),
      }),
      authorizedOperations: int32({ versions: '3+', absent: -2147483648 }),
    }),
  },
);
export type DescribeGroupsResponse = Given<typeof describeGroupsResponse>;

export const describeGroups = api('DescribeGroups', 15, describeGroupsRequest, describeGroupsResponse);
