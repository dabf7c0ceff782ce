import {
  api,
  array,
  arrayOf,
  bool,
  int16,
  int32,
  int64,
  string,
  uuid,
  zeroUuid,
  type Infer,
} from '../schema.ts';

/**
 * OffsetCommit, key 8. v5 drops the retention time, v6 leader epoch, v7 static members (KIP-345),
 * v8 flexible, v9 member epochs, v10 topic ids instead of names (KIP-848).
 */
export const offsetCommit = api('OffsetCommit', 8, {
  versions: '2-10',
  flexible: '8+',
  request: {
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
  response: {
    throttleTimeMs: int32({ versions: '3+', absent: 0 }),
    topics: array({
      name: string({ versions: '2-9', absent: '' }),
      topicId: uuid({ versions: '10+', absent: zeroUuid }),
      partitions: array({ partitionIndex: int32(), errorCode: int16() }),
    }),
  },
});
export type OffsetCommitRequest = Infer<(typeof offsetCommit)['request']>;

const committedPartition = {
  partitionIndex: int32(),
  committedOffset: int64(),
  committedLeaderEpoch: int32({ versions: '5+', absent: -1 }),
  metadata: string({ nullable: '0+' }),
  errorCode: int16(),
};

/**
 * OffsetFetch, key 9. v2 null asks for all topics, v5 leader epoch, v6 flexible, v7 require stable,
 * v8 several groups, v9 member epochs, v10 topic ids instead of names (KIP-848).
 */
export const offsetFetch = api('OffsetFetch', 9, {
  versions: '1-10',
  flexible: '6+',
  request: {
    groupId: string({ versions: '1-7', absent: '' }),
    topics: array(
      { name: string(), partitionIndexes: arrayOf(int32()) },
      { versions: '1-7', nullable: '2-7', absent: [] },
    ),
    groups: array(
      {
        groupId: string(),
        memberId: string({ versions: '9+', nullable: '9+', absent: null }),
        memberEpoch: int32({ versions: '9+', absent: -1 }),
        topics: array(
          {
            name: string({ versions: '8-9', absent: '' }),
            topicId: uuid({ versions: '10+', absent: zeroUuid }),
            partitionIndexes: arrayOf(int32()),
          },
          { nullable: '8+' },
        ),
      },
      { versions: '8+', absent: [] },
    ),
    requireStable: bool({ versions: '7+', absent: false }),
  },
  response: {
    throttleTimeMs: int32({ versions: '3+', absent: 0 }),
    topics: array({ name: string(), partitions: array(committedPartition) }, { versions: '1-7', absent: [] }),
    errorCode: int16({ versions: '2-7', absent: 0 }),
    groups: array(
      {
        groupId: string(),
        topics: array({
          name: string({ versions: '8-9', absent: '' }),
          topicId: uuid({ versions: '10+', absent: zeroUuid }),
          partitions: array(committedPartition),
        }),
        errorCode: int16(),
      },
      { versions: '8+', absent: [] },
    ),
  },
});
export type OffsetFetchRequest = Infer<(typeof offsetFetch)['request']>;

/**
 * TxnOffsetCommit, key 28. v2 leader epoch, v3 flexible, with the group's generation and member
 * (KIP-447), v4 TRANSACTION_ABORTABLE, v5 the request itself adds the group to the transaction
 * (KIP-890).
 */
export const txnOffsetCommit = api('TxnOffsetCommit', 28, {
  versions: '0-5',
  flexible: '3+',
  request: {
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
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
  },
});
export type TxnOffsetCommitRequest = Infer<(typeof txnOffsetCommit)['request']>;
