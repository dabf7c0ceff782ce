import { api, array, bool, bytes, int16, int32, string, arrayOf, type Given } from '../schema.ts';

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

/**
 * JoinGroup, key 11. v1 rebalance timeout, v4 the broker assigns a member id before the member
 * joins (KIP-394), v5 static members (KIP-345), v6 flexible, v8 reason (KIP-800), v9 skip
 * assignment (KIP-814).
 */
export const joinGroup = api('JoinGroup', 11, {
  versions: '0-9',
  flexible: '6+',
  request: {
    groupId: string(),
    sessionTimeoutMs: int32(),
    rebalanceTimeoutMs: int32({ versions: '1+', absent: -1 }),
    memberId: string(),
    groupInstanceId: string({ versions: '5+', nullable: '5+', absent: null }),
    protocolType: string(),
    protocols: array({ name: string(), metadata: bytes() }),
    reason: string({ versions: '8+', nullable: '8+', absent: null }),
  },
  response: {
    throttleTimeMs: int32({ versions: '2+', absent: 0 }),
    errorCode: int16(),
    generationId: int32({ absent: -1 }),
    protocolType: string({ versions: '7+', nullable: '7+', absent: null }),
    protocolName: string({ nullable: '7+' }),
    leader: string(),
    skipAssignment: bool({ versions: '9+', absent: false }),
    memberId: string(),
    members: array({
      memberId: string(),
      groupInstanceId: string({ versions: '5+', nullable: '5+', absent: null }),
      metadata: bytes(),
    }),
  },
});

/**
 * SyncGroup, key 14. v3 static members (KIP-345), v4 flexible, v5 protocol type and name (KIP-559).
 */
export const syncGroup = api('SyncGroup', 14, {
  versions: '0-5',
  flexible: '4+',
  request: {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ versions: '3+', nullable: '3+', absent: null }),
    protocolType: string({ versions: '5+', nullable: '5+', absent: null }),
    protocolName: string({ versions: '5+', nullable: '5+', absent: null }),
    assignments: array({ memberId: string(), assignment: bytes() }),
  },
  response: {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16(),
    protocolType: string({ versions: '5+', nullable: '5+', absent: null }),
    protocolName: string({ versions: '5+', nullable: '5+', absent: null }),
    assignment: bytes(),
  },
});

/** Heartbeat, key 12. v3 static members (KIP-345), v4 flexible. */
export const heartbeat = api('Heartbeat', 12, {
  versions: '0-4',
  flexible: '4+',
  request: {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ versions: '3+', nullable: '3+', absent: null }),
  },
  response: { throttleTimeMs: int32({ versions: '1+', absent: 0 }), errorCode: int16() },
});

/** LeaveGroup, key 13. v3 several members (KIP-345), v4 flexible, v5 reason (KIP-800). */
export const leaveGroup = api('LeaveGroup', 13, {
  versions: '0-5',
  flexible: '4+',
  request: {
    groupId: string(),
    memberId: string({ versions: '0-2', absent: '' }),
    members: array(
      {
        memberId: string(),
        groupInstanceId: string({ nullable: '3+', absent: null }),
        reason: string({ versions: '5+', nullable: '5+', absent: null }),
      },
      { versions: '3+', absent: [] },
    ),
  },
  response: {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16(),
    members: array(
      { memberId: string(), groupInstanceId: string({ nullable: '3+', absent: null }), errorCode: int16() },
      { versions: '3+', absent: [] },
    ),
  },
});
