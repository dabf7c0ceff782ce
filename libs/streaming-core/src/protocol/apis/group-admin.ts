import { api, array, arrayOf, bool, bytes, int16, int32, string, type Given } from '../schema.ts';

/**
 * DescribeGroups, key 15. v3 authorized operations, v4 static members, v5 flexible, v6
 * GROUP_ID_NOT_FOUND for unknown groups (KIP-1043).
 */
export const describeGroups = api('DescribeGroups', 15, {
  versions: '0-6',
  flexible: '5+',
  request: {
    groups: arrayOf(string()),
    includeAuthorizedOperations: bool({ versions: '3+', absent: false }),
  },
  response: {
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
});
export type DescribeGroupsResponse = Given<(typeof describeGroups)['response']>;

/** ListGroups, key 16. v3 flexible, v4 states (KIP-518), v5 types (KIP-848). */
export const listGroups = api('ListGroups', 16, {
  versions: '0-5',
  flexible: '3+',
  request: {
    statesFilter: arrayOf(string(), { versions: '4+', absent: [] }),
    typesFilter: arrayOf(string(), { versions: '5+', absent: [] }),
  },
  response: {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16(),
    groups: array({
      groupId: string(),
      protocolType: string(),
      groupState: string({ versions: '4+', absent: '' }),
      groupType: string({ versions: '5+', absent: '' }),
    }),
  },
});

/** DeleteGroups, key 42. v2 flexible. */
export const deleteGroups = api('DeleteGroups', 42, {
  versions: '0-2',
  flexible: '2+',
  request: { groupsNames: arrayOf(string()) },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    results: array({ groupId: string(), errorCode: int16() }),
  },
});

/** OffsetDelete, key 47 (KIP-496). Never flexible. */
export const offsetDelete = api('OffsetDelete', 47, {
  versions: '0',
  flexible: 'none',
  request: {
    groupId: string(),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32() }) }),
  },
  response: {
    errorCode: int16(),
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
  },
});
