import { api } from '../api.ts';
import { array, int16, int32, string, struct } from '../schema.ts';

/** LeaveGroup, key 13. v3 several members (KIP-345), v4 flexible, v5 reason (KIP-800). */
const leaveGroupRequest = struct(
  'LeaveGroupRequest',
  { versions: '0-5', flexible: '4+' },
  {
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
);

const leaveGroupResponse = struct(
  'LeaveGroupResponse',
  { versions: '0-5', flexible: '4+' },
  {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16(),
    members: array(
      { memberId: string(), groupInstanceId: string({ nullable: '3+', absent: null }), errorCode: int16() },
      { versions: '3+', absent: [] },
    ),
  },
);

export const leaveGroup = api('LeaveGroup', 13, leaveGroupRequest, leaveGroupResponse);
