import { api, array, bool, bytes, int16, int32, string } from '../schema.ts';

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
