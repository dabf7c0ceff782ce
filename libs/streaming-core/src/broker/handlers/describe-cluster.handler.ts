import { describeCluster, type DescribeClusterResponse } from '../../protocol/apis/describe-cluster.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { allClusterOperations, operationsNotAskedFor } from '../operations.ts';
import { serve } from '../served-api.ts';

const endpointTypes = { broker: 1, controller: 2 } as const;

/** DescribeCluster (KIP-700, KIP-919, KIP-1073): one broker, never fenced, which is its own controller but no controller endpoint. */
export const describeClusterHandler = ({ logs, nodeId, advertised }: BrokerServices) =>
  serve(
    describeCluster,
    ({ endpointType, includeClusterAuthorizedOperations }) => {
      checkEndpointType(endpointType);
      return {
        errorCode: errorCodes.NONE,
        clusterId: logs.clusterId,
        controllerId: nodeId,
        brokers: [{ brokerId: nodeId, ...advertised }],
        clusterAuthorizedOperations: includeClusterAuthorizedOperations
          ? allClusterOperations
          : operationsNotAskedFor,
      };
    },
    {
      refuse: (errorCode, errorMessage): DescribeClusterResponse => ({
        errorCode,
        errorMessage,
        clusterId: '',
        brokers: [],
      }),
    },
  );

function checkEndpointType(endpointType: number): void {
  if (endpointType === endpointTypes.controller)
    throw new ProtocolError(
      'MISMATCHED_ENDPOINT_TYPE',
      'this is the endpoint of a broker, and a controller was asked for',
    );
  if (endpointType !== endpointTypes.broker)
    throw new ProtocolError(
      'UNSUPPORTED_ENDPOINT_TYPE',
      `endpoint type ${endpointType} is not known: give 1, a broker`,
    );
}
