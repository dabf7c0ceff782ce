import { api } from '../api.ts';
import { int16, int32, string, struct } from '../schema.ts';

/** Heartbeat, key 12. v3 static members (KIP-345), v4 flexible. */
const heartbeatRequest = struct(
  'HeartbeatRequest',
  { versions: '0-4', flexible: '4+' },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ versions: '3+', nullable: '3+', absent: null }),
  },
);

const heartbeatResponse = struct(
  'HeartbeatResponse',
  { versions: '0-4', flexible: '4+' },
  {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16(),
  },
);

export const heartbeat = api('Heartbeat', 12, heartbeatRequest, heartbeatResponse);
