import { api, array, arrayOf, int16, int32, int64, string, type Given } from '../schema.ts';

/** DescribeTransactions, key 65 (KIP-664). */
export const describeTransactions = api('DescribeTransactions', 65, {
  versions: '0',
  flexible: '0+',
  request: { transactionalIds: arrayOf(string()) },
  response: {
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
});
export type DescribeTransactionsResponse = Given<(typeof describeTransactions)['response']>;

/**
 * ListTransactions, key 66 (KIP-664). v1 filter by duration (KIP-994), v2 filter by a pattern of
 * the transactional id (KIP-1152).
 */
export const listTransactions = api('ListTransactions', 66, {
  versions: '0-2',
  flexible: '0+',
  request: {
    stateFilters: arrayOf(string()),
    producerIdFilters: arrayOf(int64()),
    durationFilter: int64({ versions: '1+', absent: -1n }),
    transactionalIdPattern: string({ versions: '2+', nullable: '2+', absent: null }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    unknownStateFilters: arrayOf(string()),
    transactionStates: array({ transactionalId: string(), producerId: int64(), transactionState: string() }),
  },
});

/** DescribeProducers, key 61 (KIP-664). */
export const describeProducers = api('DescribeProducers', 61, {
  versions: '0',
  flexible: '0+',
  request: {
    topics: array({ name: string(), partitionIndexes: arrayOf(int32()) }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: '0+', absent: null }),
        activeProducers: array({
          producerId: int64(),
          producerEpoch: int32(),
          lastSequence: int32({ absent: -1 }),
          lastTimestamp: int64({ absent: -1n }),
          coordinatorEpoch: int32(),
          currentTxnStartOffset: int64({ absent: -1n }),
        }),
      }),
    }),
  },
});
