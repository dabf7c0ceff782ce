import { api } from '../api.ts';
import { array, arrayOf, bool, int16, int32, string, struct } from '../schema.ts';

/**
 * AlterPartitionReassignments, key 45 (KIP-455). v1 says whether the replication factor may change
 * (KIP-860).
 */
const alterPartitionReassignmentsRequest = struct(
  'AlterPartitionReassignmentsRequest',
  { versions: '0-1', flexible: '0+' },
  {
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
);

const alterPartitionReassignmentsResponse = struct(
  'AlterPartitionReassignmentsResponse',
  { versions: '0-1', flexible: '0+' },
  {
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
);

export const alterPartitionReassignments = api(
  'AlterPartitionReassignments',
  45,
  alterPartitionReassignmentsRequest,
  alterPartitionReassignmentsResponse,
);
