import { api } from '../api.ts';
import { array, bool, int16, int32, int8, string, struct, type Given, type Infer } from '../schema.ts';

/** AlterConfigs, key 33. Replaces all configs of a resource. v2 flexible. */
export const alterConfigsRequest = struct(
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
export type AlterConfigsRequest = Infer<typeof alterConfigsRequest>;

export const alterConfigsResponse = struct(
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
export type AlterConfigsResponse = Given<typeof alterConfigsResponse>;

export const alterConfigs = api('AlterConfigs', 33, alterConfigsRequest, alterConfigsResponse);
