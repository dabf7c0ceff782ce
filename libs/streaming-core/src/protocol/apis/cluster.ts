import {
  api,
  array,
  arrayOf,
  bool,
  float64,
  int16,
  int32,
  int64,
  int8,
  string,
  type Given,
  type Infer,
} from '../schema.ts';

/**
 * AlterPartitionReassignments, key 45 (KIP-455). v1 says whether the replication factor may change
 * (KIP-860).
 */
export const alterPartitionReassignments = api('AlterPartitionReassignments', 45, {
  versions: '0-1',
  flexible: '0+',
  request: {
    timeoutMs: int32({ absent: 60_000 }),
    allowReplicationFactorChange: bool({ versions: '1+', absent: true }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        replicas: arrayOf(int32(), { nullable: '0+', absent: null }),
      }),
    }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    allowReplicationFactorChange: bool({ versions: '1+', absent: true }),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    responses: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: '0+' }),
      }),
    }),
  },
});

/** ListPartitionReassignments, key 46 (KIP-455). */
export const listPartitionReassignments = api('ListPartitionReassignments', 46, {
  versions: '0',
  flexible: '0+',
  request: {
    timeoutMs: int32({ absent: 60_000 }),
    topics: array({ name: string(), partitionIndexes: arrayOf(int32()) }, { nullable: '0+', absent: null }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        replicas: arrayOf(int32()),
        addingReplicas: arrayOf(int32()),
        removingReplicas: arrayOf(int32()),
      }),
    }),
  },
});

/** ElectLeaders, key 43. v1 election type (KIP-460), v2 flexible. */
export const electLeaders = api('ElectLeaders', 43, {
  versions: '0-2',
  flexible: '2+',
  request: {
    electionType: int8({ versions: '1+', absent: 0 }),
    topicPartitions: array({ topic: string(), partitions: arrayOf(int32()) }, { nullable: '0+' }),
    timeoutMs: int32({ absent: 60_000 }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16({ versions: '1+', absent: 0 }),
    replicaElectionResults: array({
      topic: string(),
      partitionResult: array({
        partitionId: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: '0+' }),
      }),
    }),
  },
});

/** DescribeCluster, key 60 (KIP-700). v1 endpoint type (KIP-919), v2 fenced brokers (KIP-1073). */
export const describeCluster = api('DescribeCluster', 60, {
  versions: '0-2',
  flexible: '0+',
  request: {
    includeClusterAuthorizedOperations: bool(),
    endpointType: int8({ versions: '1+', absent: 1 }),
    includeFencedBrokers: bool({ versions: '2+', absent: false }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+', absent: null }),
    endpointType: int8({ versions: '1+', absent: 1 }),
    clusterId: string(),
    controllerId: int32({ absent: -1 }),
    brokers: array({
      brokerId: int32(),
      host: string(),
      port: int32(),
      rack: string({ nullable: '0+', absent: null }),
      isFenced: bool({ versions: '2+', absent: false }),
    }),
    clusterAuthorizedOperations: int32({ absent: -2147483648 }),
  },
});
export type DescribeClusterResponse = Given<(typeof describeCluster)['response']>;

/**
 * FindCoordinator, key 10. v1 key types, v3 flexible, v4 several keys at once (KIP-699), v5
 * TRANSACTION_ABORTABLE, v6 share groups.
 */
export const findCoordinator = api('FindCoordinator', 10, {
  versions: '0-6',
  flexible: '3+',
  request: {
    key: string({ versions: '0-3', absent: '' }),
    keyType: int8({ versions: '1+', absent: 0 }),
    coordinatorKeys: arrayOf(string(), { versions: '4+', absent: [] }),
  },
  response: {
    throttleTimeMs: int32({ versions: '1+', absent: 0 }),
    errorCode: int16({ versions: '0-3', absent: 0 }),
    errorMessage: string({ versions: '1-3', nullable: '1-3', absent: '' }),
    nodeId: int32({ versions: '0-3', absent: 0 }),
    host: string({ versions: '0-3', absent: '' }),
    port: int32({ versions: '0-3', absent: 0 }),
    coordinators: array(
      {
        key: string(),
        nodeId: int32(),
        host: string(),
        port: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: '4+', absent: null }),
      },
      { versions: '4+', absent: [] },
    ),
  },
});

/**
 * DescribeLogDirs, key 35. v2 flexible, v3 top-level error, v4 volume sizes (KIP-827), v5 cordoned
 * folders (KIP-1066).
 */
export const describeLogDirs = api('DescribeLogDirs', 35, {
  versions: '1-5',
  flexible: '2+',
  request: {
    topics: array({ topic: string(), partitions: arrayOf(int32()) }, { nullable: '0+' }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16({ versions: '3+', absent: 0 }),
    results: array({
      errorCode: int16(),
      logDir: string(),
      topics: array({
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          partitionSize: int64(),
          offsetLag: int64(),
          isFutureKey: bool(),
        }),
      }),
      totalBytes: int64({ versions: '4+', absent: -1n }),
      usableBytes: int64({ versions: '4+', absent: -1n }),
      isCordoned: bool({ versions: '5+', absent: false }),
    }),
  },
});
export type DescribeLogDirsRequest = Infer<(typeof describeLogDirs)['request']>;
export type DescribeLogDirsResponse = Given<(typeof describeLogDirs)['response']>;

/** DescribeClientQuotas, key 48 (KIP-546). v1 flexible. */
export const describeClientQuotas = api('DescribeClientQuotas', 48, {
  versions: '0-1',
  flexible: '1+',
  request: {
    components: array({ entityType: string(), matchType: int8(), match: string({ nullable: '0+' }) }),
    strict: bool(),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    entries: array(
      {
        entity: array({ entityType: string(), entityName: string({ nullable: '0+' }) }),
        values: array({ key: string(), value: float64() }),
      },
      { nullable: '0+' },
    ),
  },
});
export type DescribeClientQuotasRequest = Infer<(typeof describeClientQuotas)['request']>;
