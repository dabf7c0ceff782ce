import { api, array, arrayOf, bool, int16, int32, int8, string, type Given, type Infer } from '../schema.ts';

/**
 * DescribeConfigs, key 32. v1 source and synonyms (KIP-226), v3 type and documentation (KIP-569),
 * v4 flexible.
 */
export const describeConfigs = api('DescribeConfigs', 32, {
  versions: '1-4',
  flexible: '4+',
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configurationKeys: arrayOf(string(), { nullable: '0+' }),
    }),
    includeSynonyms: bool({ absent: false }),
    includeDocumentation: bool({ versions: '3+', absent: false }),
  },
  response: {
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
});
export type DescribeConfigsRequest = Infer<(typeof describeConfigs)['request']>;
export type DescribeConfigsResponse = Given<(typeof describeConfigs)['response']>;

/** AlterConfigs, key 33. Replaces all configs of a resource. v2 flexible. */
export const alterConfigs = api('AlterConfigs', 33, {
  versions: '0-2',
  flexible: '2+',
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({ name: string(), value: string({ nullable: '0+' }) }),
    }),
    validateOnly: bool(),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    responses: array({
      errorCode: int16(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
});

/** IncrementalAlterConfigs, key 44. Changes only the named configs (KIP-339). v1 flexible. */
export const incrementalAlterConfigs = api('IncrementalAlterConfigs', 44, {
  versions: '0-1',
  flexible: '1+',
  request: {
    resources: array({
      resourceType: int8(),
      resourceName: string(),
      configs: array({ name: string(), configOperation: int8(), value: string({ nullable: '0+' }) }),
    }),
    validateOnly: bool(),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    responses: array({
      errorCode: int16(),
      errorMessage: string({ nullable: '0+' }),
      resourceType: int8(),
      resourceName: string(),
    }),
  },
});
export type IncrementalAlterConfigsRequest = Infer<(typeof incrementalAlterConfigs)['request']>;

/**
 * ListConfigResources, key 74. v0 lists client metrics only (KIP-1000), v1 resources of any type
 * (KIP-1142).
 */
export const listConfigResources = api('ListConfigResources', 74, {
  versions: '0-1',
  flexible: '0+',
  request: { resourceTypes: arrayOf(int8(), { versions: '1+', absent: [] }) },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    configResources: array({ resourceName: string(), resourceType: int8({ versions: '1+', absent: 16 }) }),
  },
});
