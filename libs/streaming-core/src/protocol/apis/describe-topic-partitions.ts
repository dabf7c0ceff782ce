import { api } from '../api.ts';
import {
  array,
  arrayOf,
  bool,
  int16,
  int32,
  object,
  string,
  struct,
  uuid,
  type Given,
  type Infer,
} from '../schema.ts';

/** DescribeTopicPartitions, key 75, with pagination (KIP-966). */
const describeTopicPartitionsRequest = struct(
  'DescribeTopicPartitionsRequest',
  { versions: '0', flexible: '0+' },
  {
    topics: array({ name: string() }),
    responsePartitionLimit: int32({ absent: 2000 }),
    cursor: object({ topicName: string(), partitionIndex: int32() }, { nullable: '0+', absent: null }),
  },
);
export type DescribeTopicPartitionsRequest = Infer<typeof describeTopicPartitionsRequest>;

const describeTopicPartitionsResponse = struct(
  'DescribeTopicPartitionsResponse',
  { versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({
      errorCode: int16(),
      name: string({ nullable: '0+' }),
      topicId: uuid(),
      isInternal: bool({ absent: false }),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32({ absent: -1 }),
        replicaNodes: arrayOf(int32()),
        isrNodes: arrayOf(int32()),
        eligibleLeaderReplicas: arrayOf(int32(), { nullable: '0+', absent: null }),
        lastKnownElr: arrayOf(int32(), { nullable: '0+', absent: null }),
        offlineReplicas: arrayOf(int32()),
      }),
      topicAuthorizedOperations: int32({ absent: -2147483648 }),
    }),
    nextCursor: object({ topicName: string(), partitionIndex: int32() }, { nullable: '0+', absent: null }),
  },
);
export type DescribeTopicPartitionsResponse = Given<typeof describeTopicPartitionsResponse>;

export const describeTopicPartitions = api(
  'DescribeTopicPartitions',
  75,
  describeTopicPartitionsRequest,
  describeTopicPartitionsResponse,
);
