import {
  api,
  array,
  arrayOf,
  bool,
  int16,
  int32,
  int64,
  int8,
  string,
  type Infer,
  type Given,
} from '../schema.ts';

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

/**
 * InitProducerId, key 22. v2 flexible, v3 the current id and epoch (KIP-360), v4 PRODUCER_FENCED,
 * v5 TRANSACTION_ABORTABLE.
 */
export const initProducerId = api('InitProducerId', 22, {
  versions: '0-5',
  flexible: '2+',
  request: {
    transactionalId: string({ nullable: '0+' }),
    transactionTimeoutMs: int32(),
    producerId: int64({ versions: '3+', absent: -1n }),
    producerEpoch: int16({ versions: '3+', absent: -1 }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    producerId: int64({ absent: -1n }),
    producerEpoch: int16(),
  },
});
export type InitProducerIdRequest = Infer<(typeof initProducerId)['request']>;

/**
 * AddPartitionsToTxn, key 24. v2 PRODUCER_FENCED, v3 flexible, v4 batches of transactions and
 * verify-only requests (KIP-890), v5 TRANSACTION_ABORTABLE.
 */
export const addPartitionsToTxn = api('AddPartitionsToTxn', 24, {
  versions: '0-5',
  flexible: '3+',
  request: {
    transactions: array(
      {
        transactionalId: string(),
        producerId: int64(),
        producerEpoch: int16(),
        verifyOnly: bool({ absent: false }),
        topics: array({ name: string(), partitions: arrayOf(int32()) }),
      },
      { versions: '4+', absent: [] },
    ),
    v3AndBelowTransactionalId: string({ versions: '0-3', absent: '' }),
    v3AndBelowProducerId: int64({ versions: '0-3', absent: 0n }),
    v3AndBelowProducerEpoch: int16({ versions: '0-3', absent: 0 }),
    v3AndBelowTopics: array(
      { name: string(), partitions: arrayOf(int32()) },
      { versions: '0-3', absent: [] },
    ),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16({ versions: '4+', absent: 0 }),
    resultsByTransaction: array(
      {
        transactionalId: string(),
        topicResults: array({
          name: string(),
          resultsByPartition: array({ partitionIndex: int32(), partitionErrorCode: int16() }),
        }),
      },
      { versions: '4+', absent: [] },
    ),
    resultsByTopicV3AndBelow: array(
      { name: string(), resultsByPartition: array({ partitionIndex: int32(), partitionErrorCode: int16() }) },
      { versions: '0-3', absent: [] },
    ),
  },
});

/** AddOffsetsToTxn, key 25. v2 PRODUCER_FENCED, v3 flexible, v4 TRANSACTION_ABORTABLE (KIP-890). */
export const addOffsetsToTxn = api('AddOffsetsToTxn', 25, {
  versions: '0-4',
  flexible: '3+',
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    groupId: string(),
  },
  response: { throttleTimeMs: int32({ absent: 0 }), errorCode: int16() },
});

/**
 * EndTxn, key 26. v2 PRODUCER_FENCED, v3 flexible, v4 TRANSACTION_ABORTABLE, v5 a new producer
 * epoch after every transaction (KIP-890).
 */
export const endTxn = api('EndTxn', 26, {
  versions: '0-5',
  flexible: '3+',
  request: {
    transactionalId: string(),
    producerId: int64(),
    producerEpoch: int16(),
    committed: bool(),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16(),
    producerId: int64({ versions: '5+', absent: -1n }),
    producerEpoch: int16({ versions: '5+', absent: -1 }),
  },
});
export type EndTxnRequest = Infer<(typeof endTxn)['request']>;

/**
 * WriteTxnMarkers, key 27. Sent between brokers, and by `kafka-transactions abort`. v1 flexible, v2
 * transaction version (KIP-1228).
 */
export const writeTxnMarkers = api('WriteTxnMarkers', 27, {
  versions: '1-2',
  flexible: '1+',
  request: {
    markers: array({
      producerId: int64(),
      producerEpoch: int16(),
      transactionResult: bool(),
      topics: array({ name: string(), partitionIndexes: arrayOf(int32()) }),
      coordinatorEpoch: int32(),
      transactionVersion: int8({ versions: '2+', absent: 0 }),
    }),
  },
  response: {
    markers: array({
      producerId: int64(),
      topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
    }),
  },
});
export type WriteTxnMarkersRequest = Infer<(typeof writeTxnMarkers)['request']>;
