import { api } from '../api.ts';
import { array, bool, int16, int32, int8, string, struct, type Given } from '../schema.ts';

/** DescribeCluster, key 60 (KIP-700). v1 endpoint type (KIP-919), v2 fenced brokers (KIP-1073). */
const describeClusterRequest = struct(
  'DescribeClusterRequest',
  { versions: '0-2', flexible: '0+' },
  {
    includeClusterAuthorizedOperations: bool(),
    endpointType: int8({ versions: '1+', absent: 1 }),
    includeFencedBrokers: bool({ versions: '2+', absent: false }),
  },
);

const describeClusterResponse = struct(
  'DescribeClusterResponse',
  { versions: '0-2', flexible: '0+' },
  {
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
);
export type DescribeClusterResponse = Given<typeof describeClusterResponse>;

export const describeCluster = api('DescribeCluster', 60, describeClusterRequest, describeClusterResponse);
