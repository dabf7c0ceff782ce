import {
  api,
  array,
  arrayOf,
  int16,
  int32,
  int64,
  int8,
  object,
  records,
  string,
  uuid,
  zeroUuid,
  type Given,
  type Infer,
} from '../schema.ts';

/**
 * Fetch, key 1. v7 sessions (KIP-227), v9 leader epoch, v11 rack (KIP-392), v12 flexible, v13 topic
 * ids instead of names (KIP-516), v15 replica state as a tagged field, v16 leader hints (KIP-951),
 * v17 replica directory (KIP-853), v18 high watermark (KIP-1166).
 */
export const fetch = api('Fetch', 1, {
  versions: '4-18',
  flexible: '12+',
  request: {
    clusterId: string({ versions: '12+', nullable: '12+', absent: null, tag: 0 }),
    replicaId: int32({ versions: '4-14', absent: -1 }),
    replicaState: object(
      { replicaId: int32({ absent: -1 }), replicaEpoch: int64({ absent: -1n }) },
      { versions: '15+', tag: 1 },
    ),
    maxWaitMs: int32(),
    minBytes: int32(),
    maxBytes: int32({ absent: 0x7fffffff }),
    isolationLevel: int8({ absent: 0 }),
    sessionId: int32({ versions: '7+', absent: 0 }),
    sessionEpoch: int32({ versions: '7+', absent: -1 }),
    topics: array({
      topic: string({ versions: '4-12', absent: '' }),
      topicId: uuid({ versions: '13+', absent: zeroUuid }),
      partitions: array({
        partition: int32(),
        currentLeaderEpoch: int32({ versions: '9+', absent: -1 }),
        fetchOffset: int64(),
        lastFetchedEpoch: int32({ versions: '12+', absent: -1 }),
        logStartOffset: int64({ versions: '5+', absent: -1n }),
        partitionMaxBytes: int32(),
        replicaDirectoryId: uuid({ versions: '17+', tag: 0 }),
        highWatermark: int64({ versions: '18+', absent: 9223372036854775807n, tag: 1 }),
      }),
    }),
    forgottenTopicsData: array(
      {
        topic: string({ versions: '7-12', absent: '' }),
        topicId: uuid({ versions: '13+', absent: zeroUuid }),
        partitions: arrayOf(int32()),
      },
      { versions: '7+', absent: [] },
    ),
    rackId: string({ versions: '11+', absent: '' }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16({ versions: '7+', absent: 0 }),
    sessionId: int32({ versions: '7+', absent: 0 }),
    responses: array({
      topic: string({ versions: '4-12', absent: '' }),
      topicId: uuid({ versions: '13+', absent: zeroUuid }),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        highWatermark: int64(),
        lastStableOffset: int64({ absent: -1n }),
        logStartOffset: int64({ versions: '5+', absent: -1n }),
        divergingEpoch: object(
          { epoch: int32({ absent: -1 }), endOffset: int64({ absent: -1n }) },
          { versions: '12+', tag: 0 },
        ),
        currentLeader: object(
          { leaderId: int32({ absent: -1 }), leaderEpoch: int32({ absent: -1 }) },
          { versions: '12+', tag: 1 },
        ),
        snapshotId: object(
          { endOffset: int64({ absent: -1n }), epoch: int32({ absent: -1 }) },
          { versions: '12+', tag: 2 },
        ),
        abortedTransactions: array(
          { producerId: int64(), firstOffset: int64() },
          { nullable: '0+', absent: null },
        ),
        preferredReadReplica: int32({ versions: '11+', absent: -1 }),
        records: records({ nullable: '0+' }),
      }),
    }),
    nodeEndpoints: array(
      { nodeId: int32(), host: string(), port: int32(), rack: string({ nullable: '0+', absent: null }) },
      { versions: '16+', tag: 0 },
    ),
  },
});
export type FetchRequest = Infer<(typeof fetch)['request']>;
export type FetchResponse = Given<(typeof fetch)['response']>;
