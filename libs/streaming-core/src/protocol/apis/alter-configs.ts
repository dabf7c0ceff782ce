import { api } from '../api.ts';
import { array, bool, int16, int32, int8, string, struct } from '../schema.ts';

/** AlterConfigs, key 33. Replaces all configs of a resource. v2 flexible. */
const alterConfigsRequest = struct(
  'AlterConfigsRequest',
  { versions: '0-2', flexible: '2+' },
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({ name: string(), value: string({ nullable: '0+' }) }),
    }),
    validateOnly: bool(),
  },
);

const alterConfigsResponse = struct(
  'AlterConfigsResponse',
  { versions: '0-2', flexible: '2+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    responses: array({
      errorCode: int16(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
);

export const alterConfigs = api('AlterConfigs', 33, alterConfigsRequest, alterConfigsResponse);
