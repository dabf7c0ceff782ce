import { api } from '../api.ts';
import { array, arrayOf, bool, int16, int32, string, struct, type Given, type Infer } from '../schema.ts';

/** CreatePartitions, key 37. v2 flexible, v3 may be throttled (KIP-599). */
const createPartitionsRequest = struct(
  'CreatePartitionsRequest',
  { versions: '0-3', flexible: '2+' },
  {
    topics: array({
      name: string(),
      count: int32(),
      assignments: array({ brokerIds: arrayOf(int32()) }, { nullable: '0+' }),
    }),
    timeoutMs: int32(),
    validateOnly: bool(),
  },
);
export type CreatePartitionsRequest = Infer<typeof createPartitionsRequest>;

const createPartitionsResponse = struct(
  'CreatePartitionsResponse',
  { versions: '0-3', flexible: '2+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    results: array({
      name: string(),
      errorCode: int16(),
      errorMessage: string({ nullable: '0+', absent: null }),
    }),
  },
);
export type CreatePartitionsResponse = Given<typeof createPartitionsResponse>;

export const createPartitions = api(
  'CreatePartitions',
  37,
  createPartitionsRequest,
  createPartitionsResponse,
);
