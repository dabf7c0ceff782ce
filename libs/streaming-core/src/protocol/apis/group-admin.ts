import { api, array, arrayOf, bool, bytes, int16, int32, string, struct, type Given } from '../schema.ts';

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

/** ListGroups, key 16. v3 flexible, v4 states (KIP-518), v5 types (KIP-848). */
const listGroupsRequest = struct(
  'ListGroupsRequest',
  { versions: '0-5', flexible: '3+' },
  {
    statesFilter: arrayOf(string(), { versions: '4+', absent: [] }),
    typesFilter: arrayOf(string(), { versions: '5+', absent: [] }),
  },
);

const listGroupsResponse = struct(
  'ListGroupsResponse',
  { versions: '0-5', flexible: '3+' },
  {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16(),
    groups: array({
      groupId: string(),
      protocolType: string(),
      groupState: string({ versions: '4+', absent: '' }),
      groupType: string({ versions: '5+', absent: '' }),
    }),
  },
);

export const listGroups = api('ListGroups', 16, listGroupsRequest, listGroupsResponse);

/** DeleteGroups, key 42. v2 flexible. */
const deleteGroupsRequest = struct(
  'DeleteGroupsRequest',
  { versions: '0-2', flexible: '2+' },
  {
    groupsNames: arrayOf(string()),
  },
);

const deleteGroupsResponse = struct(
  'DeleteGroupsResponse',
  { versions: '0-2', flexible: '2+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    results: array({ groupId: string(), errorCode: int16() }),
  },
);

export const deleteGroups = api('DeleteGroups', 42, deleteGroupsRequest, deleteGroupsResponse);

/** OffsetDelete, key 47 (KIP-496). Never flexible. */
const offsetDeleteRequest = struct(
  'OffsetDeleteRequest',
  { versions: '0', flexible: 'none' },
  {
    groupId: string(),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32() }) }),
  },
);

const offsetDeleteResponse = struct(
  'OffsetDeleteResponse',
  { versions: '0', flexible: 'none' },
  {
    errorCode: int16(),
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
  },
);

export const offsetDelete = api('OffsetDelete', 47, offsetDeleteRequest, offsetDeleteResponse);
