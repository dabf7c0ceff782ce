import { api } from '../api.ts';
import { array, bytes, int16, int32, string, struct } from '../schema.ts';

/**
 * SyncGroup, key 14. v3 static members (KIP-345), v4 flexible, v5 protocol type and name (KIP-559).
 */
const syncGroupRequest = struct(
  'SyncGroupRequest',
  { versions: '0-5', flexible: '4+' },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ versions: '3+', nullable: '3+', absent: null }),
    protocolType: string({ versions: '5+', nullable: '5+', absent: null }),
    protocolName: string({ versions: '5+', nullable: '5+', absent: null }),
    assignments: array({ memberId: string(), assignment: bytes() }),
  },
);

const syncGroupResponse = struct(
  'SyncGroupResponse',
  { versions: '0-5', flexible: '4+' },
  {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16(),
    protocolType: string({ versions: '5+', nullable: '5+', absent: null }),
    protocolName: string({ versions: '5+', nullable: '5+', absent: null }),
    assignment: bytes(),
  },
);

export const syncGroup = api('SyncGroup', 14, syncGroupRequest, syncGroupResponse);
