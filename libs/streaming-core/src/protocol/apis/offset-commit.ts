import { api } from '../api.ts';
import { array, int16, int32, int64, string, struct, uuid, zeroUuid, type Infer } from '../schema.ts';

/**
 * OffsetCommit, key 8. v5 drops the retention time, v6 leader epoch, v7 static members (KIP-345),
 * v8 flexible, v9 member epochs, v10 topic ids instead of names (KIP-848).
 */
const offsetCommitRequest = struct(
  'OffsetCommitRequest',
  { versions: '2-10', flexible: '8+' },
  {
    groupId: string(),
    generationIdOrMemberEpoch: int32({ absent: -1 }),
    memberId: string({ absent: '' }),
    groupInstanceId: string({ versions: '7+', nullable: '7+', absent: null }),
    retentionTimeMs: int64({ versions: '2-4', absent: -1n }),
    topics: array({
      name: string({ versions: '2-9', absent: '' }),
      topicId: uuid({ versions: '10+', absent: zeroUuid }),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ versions: '6+', absent: -1 }),
        committedMetadata: string({ nullable: '0+' }),
      }),
    }),
  },
);
export type OffsetCommitRequest = Infer<typeof offsetCommitRequest>;

const offsetCommitResponse = struct(
  'OffsetCommitResponse',
  { versions: '2-10', flexible: '8+' },
  {
    throttleTimeMs: int32({ versions: '3+', absent: 0 }),
    topics: array({
      name: string({ versions: '2-9', absent: '' }),
      topicId: uuid({ versions: '10+', absent: zeroUuid }),
      partitions: array({ partitionIndex: int32(), errorCode: int16() }),
    }),
  },
);

export const offsetCommit = api('OffsetCommit', 8, offsetCommitRequest, offsetCommitResponse);
