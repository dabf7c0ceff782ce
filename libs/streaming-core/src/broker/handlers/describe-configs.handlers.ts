import { checkTopicName } from '../../log/topics/topic-catalog.ts';
import {
  describeConfigs,
  type DescribeConfigsRequest,
  type DescribeConfigsResponse,
  listConfigResources,
} from '../../protocol/apis/configs.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import {
  brokerConfigDocumentation,
  topicConfigDocumentation,
  effectiveTopicConfigs,
} from '../configs/topic-configs.ts';
import {
  configResourceTypes,
  isConfigResourceType,
  configSources,
  configTypes,
  type DescribedConfig,
} from '../configs/config-kinds.ts';
import { errorCodeOf, errorMessageOf, serve } from '../served-api.ts';

type Resource = DescribeConfigsRequest['resources'][number];
type Result = DescribeConfigsResponse['results'][number];
type Documented = DescribedConfig & { readonly documentation: string };

/**
 * DescribeConfigs: returns the configs of topics, of this broker, and with an empty name those that
 * were set for all brokers. Groups, client metrics and loggers have no configs here, so their lists
 * are empty. Unknown keys are left out.
 */
export const describeConfigsHandler = (services: BrokerServices) =>
  serve(describeConfigs, (request) => ({
    results: request.resources.map((resource) => describe(resource, request, services)),
  }));

function describe(resource: Resource, request: DescribeConfigsRequest, services: BrokerServices): Result {
  const { resourceType, resourceName } = resource;
  try {
    const configs = configsOf(resource, services)
      .filter(({ name }) => isAskedFor(name, resource))
      .map((config) => told(config, request));
    return { errorCode: errorCodes.NONE, errorMessage: '', resourceType, resourceName, configs };
  } catch (error) {
    if (!(error instanceof ProtocolError))
      services.logger.error({ err: error, resourceType, resourceName }, 'configs could not be described');
    return {
      errorCode: errorCodeOf(error),
      errorMessage: errorMessageOf(error),
      resourceType,
      resourceName,
      configs: [],
    };
  }
}

const isAskedFor = (name: string, { configurationKeys }: Resource): boolean =>
  configurationKeys === null || configurationKeys.length === 0 || configurationKeys.includes(name);

function configsOf(
  { resourceType, resourceName }: Resource,
  services: BrokerServices,
): readonly Documented[] {
  switch (resourceType) {
    case configResourceTypes.topic:
      return topicConfigs(resourceName, services);
    case configResourceTypes.broker:
      return brokerConfigs(resourceName, services);
    case configResourceTypes.brokerLogger:
      return [];
    case configResourceTypes.clientMetrics:
    case configResourceTypes.group:
      if (resourceName === '')
        throw new ProtocolError(
          'INVALID_REQUEST',
          'a group or a subscription to client metrics needs a name',
        );
      return [];
    default:
      throw new ProtocolError('INVALID_REQUEST', `resource type ${resourceType} is unknown`);
  }
}

function topicConfigs(name: string, { logs, configs }: BrokerServices): Documented[] {
  checkTopicName(name);
  const topic = logs.topic(name);
  if (topic === undefined) throw new ProtocolError('UNKNOWN_TOPIC_OR_PARTITION', `there is no topic ${name}`);
  return effectiveTopicConfigs(topic.configs, configs.current).map((config) => ({
    ...config,
    documentation: topicConfigDocumentation(config.name),
  }));
}

function brokerConfigs(name: string, { configs, logs, nodeId, advertised }: BrokerServices): Documented[] {
  const entries = configs.current.entries.map((entry) => ({
    ...entry,
    documentation: brokerConfigDocumentation(entry),
  }));
  if (name === '') return entries.flatMap(ofTheCluster);
  if (name !== String(nodeId))
    throw new ProtocolError('INVALID_REQUEST', `there is no broker ${name}: this is broker ${nodeId}`);
  const identity = {
    'log.dirs': logs.dataFolder,
    'advertised.listeners': `PLAINTEXT://${advertised.host}:${advertised.port}`,
  };
  return [...entries, ...Object.entries(identity).map(identityConfig)].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}

/** Returns what was set for all brokers, without synonyms. */
function ofTheCluster(entry: Documented): Documented[] {
  const set = entry.synonyms.find(
    ({ name, source }) => name === entry.name && source === configSources.dynamicCluster,
  );
  return set === undefined ? [] : [{ ...entry, ...set, synonyms: [set] }];
}

function identityConfig([name, value]: readonly [string, string]): Documented {
  const synonym = { name, value, source: configSources.brokerFile };
  return {
    ...synonym,
    type: 'string',
    readOnly: true,
    synonyms: [synonym],
    documentation: 'The identity or the address of this broker.',
  };
}

function told(
  { source, type, synonyms, documentation, ...config }: Documented,
  request: DescribeConfigsRequest,
): Result['configs'][number] {
  return {
    ...config,
    configSource: source,
    isSensitive: false,
    synonyms: request.includeSynonyms ? synonyms : [],
    configType: configTypes[type],
    documentation: request.includeDocumentation ? documentation : null,
  };
}

const typesSince = 1;

/**
 * ListConfigResources (KIP-1142): returns the topics and this broker. Version 0 only asks for
 * client metrics subscriptions, of which there are none.
 */
export const listConfigResourcesHandler = ({ logs, nodeId }: BrokerServices) =>
  serve(
    listConfigResources,
    ({ resourceTypes }, { apiVersion }) => {
      const unknown = resourceTypes.find((type) => !isConfigResourceType(type));
      if (unknown !== undefined)
        throw new ProtocolError('UNSUPPORTED_VERSION', `resource type ${unknown} is unknown`);
      const everything = apiVersion >= typesSince && resourceTypes.length === 0;
      const asked = new Set(everything ? Object.values<number>(configResourceTypes) : resourceTypes);
      const all = [
        { resourceType: configResourceTypes.broker, resourceName: String(nodeId) },
        ...logs.topics().map(({ name }) => ({ resourceType: configResourceTypes.topic, resourceName: name })),
      ];
      return {
        errorCode: errorCodes.NONE,
        configResources: all.filter(({ resourceType }) => asked.has(resourceType)),
      };
    },
    { refuse: (errorCode) => ({ errorCode, configResources: [] }) },
  );
