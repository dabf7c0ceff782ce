import {
  api,
  array,
  arrayOf,
  bool,
  int16,
  int32,
  object,
  string,
  uuid,
  zeroUuid,
  type Given,
  type Infer,
} from '../schema.ts';

/**
 * Metadata, key 3. v1 null asks for all topics, v4 auto-creation flag, v8 authorized operations, v9
 * flexible, v10 topic ids, v12 topics may be requested by id, v13 top-level error (KIP-1102).
 */
export const metadata = api('Metadata', 3, {
  versions: '0-13',
  flexible: '9+',
  request: {
    topics: array(
      {
        topicId: uuid({ versions: '10+', absent: zeroUuid }),
        name: string({ nullable: '10+' }),
      },
      { nullable: '1+' },
    ),
    allowAutoTopicCreation: bool({ versions: '4+', absent: true }),
    includeClusterAuthorizedOperations: bool({ versions: '8-10', absent: false }),
    includeTopicAuthorizedOperations: bool({ versions: '8+', absent: false }),
  },
  response: {
    throttleTimeMs: int32({ versions: '3+', absent: 0 }),
    brokers: array({
      nodeId: int32(),
      host: string(),
      port: int32(),
      rack: string({ versions: '1+', nullable: '1+', absent: null }),
    }),
    clusterId: string({ versions: '2+', nullable: '2+', absent: null }),
    controllerId: int32({ versions: '1+', absent: -1 }),
    topics: array({
      errorCode: int16(),
      name: string({ nullable: '12+' }),
      topicId: uuid({ versions: '10+', absent: zeroUuid }),
      isInternal: bool({ versions: '1+', absent: false }),
      partitions: array({
        errorCode: int16(),
        partitionIndex: int32(),
        leaderId: int32(),
        leaderEpoch: int32({ versions: '7+', absent: -1 }),
        replicaNodes: arrayOf(int32()),
        isrNodes: arrayOf(int32()),
        offlineReplicas: arrayOf(int32(), { versions: '5+', absent: [] }),
      }),
      topicAuthorizedOperations: int32({ versions: '8+', absent: -2147483648 }),
    }),
    clusterAuthorizedOperations: int32({ versions: '8-10', absent: -2147483648 }),
    errorCode: int16({ versions: '13+', absent: 0 }),
  },
});
export type MetadataRequest = Infer<(typeof metadata)['request']>;
export type MetadataResponse = Given<(typeof metadata)['response']>;

/** DescribeTopicPartitions, key 75, with pagination (KIP-966). */
export const describeTopicPartitions = api('DescribeTopicPartitions', 75, {
  versions: '0',
  flexible: '0+',
  request: {
    topics: array({ name: string() }),
    responsePartitionLimit: int32({ absent: 2000 }),
    cursor: object({ topicName: string(), partitionIndex: int32() }, { nullable: '0+', absent: null }),
  },
  response: {
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
});
export type DescribeTopicPartitionsRequest = Infer<(typeof describeTopicPartitions)['request']>;
export type DescribeTopicPartitionsResponse = Given<(typeof describeTopicPartitions)['response']>;
