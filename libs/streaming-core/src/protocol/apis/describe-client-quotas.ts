import { api } from '../api.ts';
import { array, bool, float64, int16, int32, int8, string, struct, type Infer } from '../schema.ts';

/** DescribeClientQuotas, key 48 (KIP-546). v1 flexible. */
const describeClientQuotasRequest = struct(
  'DescribeClientQuotasRequest',
  { versions: '0-1', flexible: '1+' },
  {
    components: array({ entityType: string(), matchType: int8(), match: string({ nullable: '0+' }) }),
    strict: bool(),
  },
);
export type DescribeClientQuotasRequest = Infer<typeof describeClientQuotasRequest>;

const describeClientQuotasResponse = struct(
  'DescribeClientQuotasResponse',
  { versions: '0-1', flexible: '1+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    errorMessage: string({ nullable: '0+' }),
    entries: array(
      {
        entity: array({ entityType: string(), entityName: string({ nullable: '0+' }) }),
        values: array({ key: string(), value: float64() }),
      },
      { nullable: '0+' },
    ),
  },
);

export const describeClientQuotas = api(
  'DescribeClientQuotas',
  48,
  describeClientQuotasRequest,
  describeClientQuotasResponse,
);
