import { api, array, int16, int32, int64, int8, string, type Given, type Infer } from '../schema.ts';

/**
 * ListOffsets, key 2. v2 isolation level, v4 leader epoch, v6 flexible, v7 timestamp -3 (KIP-734),
 * v8 -4, v9 -5 (KIP-1005), v10 timeout (KIP-1075), v11 -6 (KIP-1023).
 */
export const listOffsets = api('ListOffsets', 2, {
  versions: '1-11',
  flexible: '6+',
  request: {
    replicaId: int32({ absent: -1 }),
    isolationLevel: int8({ versions: '2+', absent: 0 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        currentLeaderEpoch: int32({ versions: '4+', absent: -1 }),
        timestamp: int64(),
      }),
    }),
    timeoutMs: int32({ versions: '10+', absent: 0 }),
  },
  response: {
    throttleTimeMs: int32({ versions: '2+', absent: 0 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        timestamp: int64({ absent: -1n }),
        offset: int64({ absent: -1n }),
        leaderEpoch: int32({ versions: '4+', absent: -1 }),
      }),
    }),
  },
});
export type ListOffsetsRequest = Infer<(typeof listOffsets)['request']>;
export type ListOffsetsResponse = Given<(typeof listOffsets)['response']>;

/**
 * OffsetForLeaderEpoch, key 23. v2 fences with the current leader epoch (KIP-320), v3 replica id,
 * v4 flexible.
 */
export const offsetForLeaderEpoch = api('OffsetForLeaderEpoch', 23, {
  versions: '2-4',
  flexible: '4+',
  request: {
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
  response: {
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
});
export type OffsetForLeaderEpochRequest = Infer<(typeof offsetForLeaderEpoch)['request']>;
export type OffsetForLeaderEpochResponse = Given<(typeof offsetForLeaderEpoch)['response']>;
