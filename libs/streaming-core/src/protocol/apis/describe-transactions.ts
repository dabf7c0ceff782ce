import { api } from '../api.ts';
import { array, arrayOf, int16, int32, int64, string, struct, type Given } from '../schema.ts';

/** DescribeTransactions, key 65 (KIP-664). */
const describeTransactionsRequest = struct(
  'DescribeTransactionsRequest',
  { versions: '0', flexible: '0+' },
  {
    transactionalIds: arrayOf(string()),
  },
);

const describeTransactionsResponse = struct(
  'DescribeTransactionsResponse',
  { versions: '0', flexible: '0+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    transactionStates: array({
      errorCode: int16(),
      transactionalId: string(),
      transactionState: string(),
      transactionTimeoutMs: int32(),
      transactionStartTimeMs: int64(),
      producerId: int64(),
      producerEpoch: int16(),
      topics: array({ topic: string(), partitions: arrayOf(int32()) }),
    }),
  },
);
export type DescribeTransactionsResponse = Given<typeof describeTransactionsResponse>;

export const describeTransactions = api(
  'DescribeTransactions',
  65,
  describeTransactionsRequest,
  describeTransactionsResponse,
);
