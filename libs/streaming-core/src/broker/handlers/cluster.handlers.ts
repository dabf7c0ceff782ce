import { statfs } from 'node:fs/promises';
import {
  describeCluster,
  type DescribeClusterResponse,
  findCoordinator,
  describeLogDirs,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
  describeClientQuotas,
  type DescribeClientQuotasRequest,
} from '../../protocol/apis/cluster.ts';
import { errorCodes, ProtocolError, type ErrorCode } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import {
  allClusterOperations,
  operationsNotAskedFor,
  serve,
  errorMessageOf,
  errorCodeOf,
  type ServedApi,
} from '../served-api.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { apiVersions } from '../../protocol/apis/handshake.ts';

const softwareText = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/;

/** ApiVersions: lists the APIs that `others` serve and itself, by key, and the features. */
export function apiVersionsHandler(others: readonly ServedApi[]): ServedApi {
  const handler: ServedApi = serve(apiVersions, (request, { apiVersion }) => {
    const named = [request.clientSoftwareName, request.clientSoftwareVersion];
    if (apiVersion >= 3 && !named.every((text) => softwareText.test(text)))
      return { errorCode: errorCodes.INVALID_REQUEST, apiKeys: [] };
    return {
      errorCode: errorCodes.NONE,
      apiKeys,
      ...features,
      supportedFeatures: apiVersion < levelZeroSince ? [] : features.supportedFeatures,
    };
  });
  const apiKeys = [...others, handler]
    .map(({ api }) => ({ apiKey: api.key, minVersion: api.advertisedMin, maxVersion: api.versions.max }))
    .sort((a, b) => a.apiKey - b.apiKey);
  return handler;
}

/**
 * The features of this broker (KIP-584). Clients act on `transaction.version` only: from level 2
 * they use the protocol of KIP-890. The epoch would grow with each change of a finalized level. Ours
 * only change with a release.
 */
const features = {
  supportedFeatures: [{ name: 'transaction.version', minVersion: 0, maxVersion: 2 }],
  finalizedFeaturesEpoch: 1n,
  finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: 2, minVersionLevel: 2 }],
};
/**
 * Older clients reject a feature with a lowest level of 0. Only v4 clients accept it (KAFKA-17011).
 */
const levelZeroSince = 4;

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

const keyTypes = { group: 0, transaction: 1 } as const;
const severalKeysSince = 4;
/** Apache Kafka's text for "no error" in versions with a single key. */
const noError = 'NONE';

/**
 * FindCoordinator: returns this broker for every group and every transaction. As in Apache Kafka it
 * creates the coordinator's topic. While that is impossible it returns COORDINATOR_NOT_AVAILABLE,
 * so that clients wait before they ask again.
 */
export const findCoordinatorHandler = (services: BrokerServices) =>
  serve(findCoordinator, async (request, { apiVersion }) => {
    const coordinator = await locate(request.keyType, services);
    if (apiVersion < severalKeysSince)
      return { ...coordinator, errorMessage: coordinator.errorMessage || noError };
    return { coordinators: request.coordinatorKeys.map((key) => ({ key, ...coordinator })) };
  });

async function locate(
  keyType: number,
  { nodeId, advertised, groups, transactions }: BrokerServices,
): Promise<ReturnType<typeof nowhere>> {
  try {
    if (keyType === keyTypes.group) await groups.prepare();
    else if (keyType === keyTypes.transaction) await transactions.prepare();
    else return nowhere(errorCodes.INVALID_REQUEST, `key type ${keyType} is unknown`);
  } catch (error) {
    return nowhere(errorCodes.COORDINATOR_NOT_AVAILABLE, errorMessageOf(error));
  }
  return { errorCode: errorCodes.NONE, errorMessage: '', nodeId, ...advertised };
}

const nowhere = (errorCode: ErrorCode, errorMessage: string) => ({
  errorCode,
  errorMessage,
  nodeId: -1,
  host: '',
  port: -1,
});

type TopicsAsked = DescribeLogDirsRequest['topics'];
type Directory = DescribeLogDirsResponse['results'][number];

/**
 * DescribeLogDirs: returns the one data folder with the sizes of its logs and of its volume.
 * Unknown partitions are left out.
 */
export const describeLogDirsHandler = ({ logs, logger }: BrokerServices) =>
  serve(describeLogDirs, async ({ topics }) => {
    const directory = { errorCode: errorCodes.NONE, logDir: logs.dataFolder, topics: sizes(logs, topics) };
    try {
      return { results: [{ ...directory, ...(await volume(logs.dataFolder)) }] };
    } catch (error) {
      logger.error({ err: error, folder: logs.dataFolder }, errorMessageOf(error));
      return { results: [{ ...directory, errorCode: errorCodeOf(error), topics: [] }] };
    }
  });

async function volume(folder: string): Promise<Pick<Directory, 'totalBytes' | 'usableBytes'>> {
  const { blocks, bavail, bsize } = await statfs(folder, { bigint: true });
  return { totalBytes: blocks * bsize, usableBytes: bavail * bsize };
}

function sizes(logs: LogManager, asked: TopicsAsked): Directory['topics'] {
  const wanted =
    asked ??
    logs.topics().map(({ name, partitions }) => ({ topic: name, partitions: [...Array(partitions).keys()] }));
  return wanted
    .map(({ topic, partitions }) => ({
      name: topic,
      partitions: partitions.flatMap((partition) => size(logs, topic, partition)),
    }))
    .filter(({ partitions }) => partitions.length > 0);
}

function size(
  logs: LogManager,
  topic: string,
  partitionIndex: number,
): Directory['topics'][number]['partitions'] {
  const log = logs.partition(topic, partitionIndex);
  return log === undefined
    ? []
    : [{ partitionIndex, partitionSize: BigInt(log.sizeBytes), offsetLag: 0n, isFutureKey: false }];
}

type Component = DescribeClientQuotasRequest['components'][number];

const entityTypes = ['user', 'client-id', 'ip'];
const matchTypes = { exact: 0, byDefault: 1, any: 2 } as const;

/**
 * DescribeClientQuotas (KIP-546): there are no quotas here. Invalid filters are rejected as in
 * Apache Kafka.
 */
export const describeClientQuotasHandler = () =>
  serve(
    describeClientQuotas,
    ({ components }) => {
      for (const component of components) checkComponent(component, components);
      return { errorCode: errorCodes.NONE, errorMessage: '', entries: [] };
    },
    { refuse: (errorCode, errorMessage) => ({ errorCode, errorMessage, entries: null }) },
  );

function checkComponent({ entityType, matchType, match }: Component, all: readonly Component[]): void {
  if (entityType === '') throw new ProtocolError('INVALID_REQUEST', 'a component has an empty entity type');
  if (!entityTypes.includes(entityType))
    throw new ProtocolError(
      'UNSUPPORTED_VERSION',
      `entity type ${entityType} is unknown: give ${entityTypes.join(', ')}`,
    );
  if (all.filter((other) => other.entityType === entityType).length > 1)
    throw new ProtocolError('INVALID_REQUEST', `entity type ${entityType} occurs twice in the filter`);
  if (entityType === 'ip' && all.length > 1)
    throw new ProtocolError('INVALID_REQUEST', 'an ip cannot be combined with a user or a client id');
  if (!Object.values<number>(matchTypes).includes(matchType))
    throw new ProtocolError('INVALID_REQUEST', `match type ${matchType} is unknown`);
  if ((matchType === matchTypes.exact) !== (match !== null))
    throw new ProtocolError(
      'INVALID_REQUEST',
      'an exact match needs a name, and no other match may have one',
    );
}
