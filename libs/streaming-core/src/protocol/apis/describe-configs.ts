import { api } from '../api.ts';
import {
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
