import { describeCluster, type DescribeClusterResponse } from '../../protocol/apis/describe-cluster.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { allClusterOperations, operationsNotAskedFor } from '../authorized-operations.ts';
import { serve } from '../served-api.ts';

const endpointTypes = { broker: 1, controller: 2 } as const;

/**
 * DescribeCluster (KIP-700, KIP-919, KIP-1073): one broker, never fenced. It is its own controller,
 * but not a controller endpoint.
 */
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
      'a controller was requested, but this is the endpoint of a broker',
    );
  if (endpointType !== endpointTypes.broker)
    throw new ProtocolError(
      'UNSUPPORTED_ENDPOINT_TYPE',
      `endpoint type ${endpointType} is unknown: give 1 (broker)`,
    );
}
