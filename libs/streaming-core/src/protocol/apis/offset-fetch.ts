import { api } from '../api.ts';
import {
  array,
  arrayOf,
  bool,
  int16,
  int32,
  int64,
  string,
  struct,
  uuid,
  zeroUuid,
  type Infer,
} from '../schema.ts';

/**
 * OffsetFetch, key 9. v2 null asks for all topics, v5 leader epoch, v6 flexible, v7 require stable,
 * v8 several groups, v9 member epochs, v10 topic ids instead of names (KIP-848).
 */
const offsetFetchRequest = struct(
  'OffsetFetchRequest',
  { versions: '1-10', flexible: '6+' },
  {
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
);
export type OffsetFetchRequest = Infer<typeof offsetFetchRequest>;

const committedPartition = {
  partitionIndex: int32(),
  committedOffset: int64(),
  committedLeaderEpoch: int32({ versions: '5+', absent: -1 }),
  metadata: string({ nullable: '0+' }),
  errorCode: int16(),
};

const offsetFetchResponse = struct(
  'OffsetFetchResponse',
  { versions: '1-10', flexible: '6+' },
  {
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
);

export const offsetFetch = api('OffsetFetch', 9, offsetFetchRequest, offsetFetchResponse);
