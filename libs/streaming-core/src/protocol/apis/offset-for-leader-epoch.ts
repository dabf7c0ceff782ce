import { api } from '../api.ts';
import { array, int16, int32, int64, string, struct, type Given, type Infer } from '../schema.ts';

/**
 * OffsetForLeaderEpoch, key 23. v2 fences with the current leader epoch (KIP-320), v3 replica id,
 * v4 flexible.
 */
const offsetForLeaderEpochRequest = struct(
  'OffsetForLeaderEpochRequest',
  { versions: '2-4', flexible: '4+' },
  {
    replicaId: int32({ versions: '3+', absent: -2 }),
    topics: array({
      topic: string(),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32({ absent: -1 }),
        leaderEpoch: int32(),
      }),
    }),
  },
);
export type OffsetForLeaderEpochRequest = Infer<typeof offsetForLeaderEpochRequest>;

const offsetForLeaderEpochResponse = struct(
  'OffsetForLeaderEpochResponse',
  { versions: '2-4', flexible: '4+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({
      topic: string(),
      partitions: array({
        errorCode: int16(),
        partition: int32(),
        leaderEpoch: int32({ absent: -1 }),
        endOffset: int64({ absent: -1n }),
      }),
    }),
  },
);
export type OffsetForLeaderEpochResponse = Given<typeof offsetForLeaderEpochResponse>;

export const offsetForLeaderEpoch = api(
  'OffsetForLeaderEpoch',
  23,
  offsetForLeaderEpochRequest,
  offsetForLeaderEpochResponse,
);
