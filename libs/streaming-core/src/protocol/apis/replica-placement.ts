import { api, array, arrayOf, bool, int16, int32, int8, string } from '../schema.ts';

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
