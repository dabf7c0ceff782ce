import { api } from '../api.ts';
import { array, arrayOf, int16, int32, string, struct } from '../schema.ts';

/** ListPartitionReassignments, key 46 (KIP-455). */
const listPartitionReassignmentsRequest = struct(
  'ListPartitionReassignmentsRequest',
  { versions: '0', flexible: '0+' },
  {
    timeoutMs: int32({ absent: 60_000 }),
    topics: array({ name: string(), partitionIndexes: arrayOf(int32()) }, { nullable: '0+', absent: null }),
  },
);

const listPartitionReassignmentsResponse = struct(
  'ListPartitionReassignmentsResponse',
  { versions: '0', flexible: '0+' },
  {
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
);

export const listPartitionReassignments = api(
  'ListPartitionReassignments',
  46,
  listPartitionReassignmentsRequest,
  listPartitionReassignmentsResponse,
);
