import { api } from '../api.ts';
import { array, int16, int32, int64, string, struct, type Infer } from '../schema.ts';

/**
 * TxnOffsetCommit, key 28. v2 leader epoch, v3 flexible, with the group's generation and member
 * (KIP-447), v4 TRANSACTION_ABORTABLE, v5 the request itself adds the group to the transaction
 * (KIP-890).
 */
const txnOffsetCommitRequest = struct(
  'TxnOffsetCommitRequest',
  { versions: '0-5', flexible: '3+' },
  {
    transactionalId: string(),
    groupId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    generationId: int32({ versions: '3+', absent: -1 }),
    memberId: string({ versions: '3+', absent: '' }),
    groupInstanceId: string({ versions: '3+', nullable: '3+', absent: null }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        committedOffset: int64(),
        committedLeaderEpoch: int32({ versions: '2+', absent: -1 }),
        committedMetadata: string({ nullable: '0+' }),
      }),
    }),
  },
);
export type TxnOffsetCommitRequest = Infer<typeof txnOffsetCommitRequest>;

const txnOffsetCommitResponse = struct(
  'TxnOffsetCommitResponse',
  { versions: '0-5', flexible: '3+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
  },
);

export const txnOffsetCommit = api('TxnOffsetCommit', 28, txnOffsetCommitRequest, txnOffsetCommitResponse);
