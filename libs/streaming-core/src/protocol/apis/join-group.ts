import { api } from '../api.ts';
import { array, bool, bytes, int16, int32, string, struct } from '../schema.ts';

/**
 * JoinGroup, key 11. v1 rebalance timeout, v4 the broker assigns a member id before the member
 * joins (KIP-394), v5 static members (KIP-345), v6 flexible, v8 reason (KIP-800), v9 skip
 * assignment (KIP-814).
 */
const joinGroupRequest = struct(
  'JoinGroupRequest',
  { versions: '0-9', flexible: '6+' },
  {
    groupId: string(),
    sessionTimeoutMs: int32(),
    rebalanceTimeoutMs: int32({ versions: '1+', absent: -1 }),
    memberId: string(),
    groupInstanceId: string({ versions: '5+', nullable: '5+', absent: null }),
    protocolType: string(),
    protocols: array({ name: string(), metadata: bytes() }),
    reason: string({ versions: '8+', nullable: '8+', absent: null }),
  },
);

export const joinGroupResponse = struct(
  'JoinGroupResponse',
  { versions: '0-9', flexible: '6+' },
  {
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
);

export const joinGroup = api('JoinGroup', 11, joinGroupRequest, joinGroupResponse);
