import {
  api,
  array,
  arrayOf,
  bool,
  int16,
  int32,
  int8,
  string,
  struct,
  type Given,
  type Infer,
} from '../schema.ts';

/**
 * DescribeConfigs, key 32. v1 source and synonyms (KIP-226), v3 type and documentation (KIP-569),
 * v4 flexible.
 */
const describeConfigsRequest = struct(
  'DescribeConfigsRequest',
  { versions: '1-4', flexible: '4+' },
  {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configurationKeys: arrayOf(string(), { nullable: '0+' }),
    }),
    includeSynonyms: bool({ absent: false }),
    includeDocumentation: bool({ versions: '3+', absent: false }),
  },
);
export type DescribeConfigsRequest = Infer<typeof describeConfigsRequest>;

const describeConfigsResponse = struct(
  'DescribeConfigsResponse',
  { versions: '1-4', flexible: '4+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    results: array({
      errorCode: int16(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
      configs: array({
        name: string(),
        value: string({ nullable: '0+' }),
        readOnly: bool(),
        configSource: int8({ absent: -1 }),
        isSensitive: bool(),
        synonyms: array({ name: string(), value: string({ nullable: '0+' }), source: int8() }),
        configType: int8({ versions: '3+', absent: 0 }),
        documentation: string({ versions: '3+', nullable: '3+', absent: '' }),
      }),
    }),
  },
);
export type DescribeConfigsResponse = Given<typeof describeConfigsResponse>;

export const describeConfigs = api('DescribeConfigs', 32, describeConfigsRequest, describeConfigsResponse);

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
