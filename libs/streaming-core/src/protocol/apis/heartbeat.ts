import { api } from '../api.ts';
import { int16, int32, string, struct, type Given, type Infer } from '../schema.ts';

/** Heartbeat, key 12. v3 static members (KIP-345), v4 flexible. */
export const heartbeatRequest = struct(
  'HeartbeatRequest',
  { versions: '0-4', flexible: '4+' },
  {
    groupId: string(),
    generationId: int32(),
    memberId: string(),
    groupInstanceId: string({ versions: '3+', nullable: '3+', absent: null }),
  },
);
export type HeartbeatRequest = Infer<typeof heartbeatRequest>;

export const heartbeatResponse = struct(
  'HeartbeatResponse',
  { versions: '0-4', flexible: '4+' },
  {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16(),
  },
);
export type HeartbeatResponse = Given<typeof heartbeatResponse>;

export const heartbeat = api('Heartbeat', 12, heartbeatRequest, heartbeatResponse);
