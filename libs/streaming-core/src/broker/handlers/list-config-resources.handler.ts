import { listConfigResources } from '../../protocol/apis/list-config-resources.ts';
import { errorCodes, ProtocolError } from '../../protocol/errors.ts';
import type { BrokerServices } from '../broker-services.ts';
import { configResourceTypes, isConfigResourceType } from '../configs/config-resources.ts';
import { serve } from '../served-api.ts';

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
