import { api } from '../api.ts';
import { array, bool, int16, int32, int8, string, struct, type Infer } from '../schema.ts';

/** IncrementalAlterConfigs, key 44. Changes only the named configs (KIP-339). v1 flexible. */
const incrementalAlterConfigsRequest = struct(
  'IncrementalAlterConfigsRequest',
  { versions: '0-1', flexible: '1+' },
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({ name: string(), configOperation: int8(), value: string({ nullable: '0+' }) }),
    }),
    validateOnly: bool(),
  },
);
export type IncrementalAlterConfigsRequest = Infer<typeof incrementalAlterConfigsRequest>;

const incrementalAlterConfigsResponse = struct(
  'IncrementalAlterConfigsResponse',
  { versions: '0-1', flexible: '1+' },
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

export const incrementalAlterConfigs = api(
  'IncrementalAlterConfigs',
  44,
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
);
