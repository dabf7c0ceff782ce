import { api } from '../api.ts';
import { array, arrayOf, int16, int32, int8, string, struct } from '../schema.ts';

/**
 * ListConfigResources, key 74. v0 lists client metrics only (KIP-1000), v1 resources of any type
 * (KIP-1142).
 */
const listConfigResourcesRequest = struct(
  'ListConfigResourcesRequest',
  { versions: '0-1', flexible: '0+' },
  {
    resourceTypes: arrayOf(int8(), { versions: '1+', absent: [] }),
  },
);

const listConfigResourcesResponse = struct(
  'ListConfigResourcesResponse',
  { versions: '0-1', flexible: '0+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    configResources: array({ resourceName: string(), resourceType: int8({ versions: '1+', absent: 16 }) }),
  },
);

export const listConfigResources = api(
  'ListConfigResources',
  74,
  listConfigResourcesRequest,
  listConfigResourcesResponse,
);
