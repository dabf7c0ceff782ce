import { api } from '../api.ts';
import { array, arrayOf, bool, int16, int32, int64, string, struct } from '../schema.ts';

/**
 * AddPartitionsToTxn, key 24. v2 PRODUCER_FENCED, v3 flexible, v4 batches of transactions and
 * verify-only requests (KIP-890), v5 TRANSACTION_ABORTABLE.
 */
const addPartitionsToTxnRequest = struct(
  'AddPartitionsToTxnRequest',
  { versions: '0-5', flexible: '3+' },
  {
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
);

const addPartitionsToTxnResponse = struct(
  'AddPartitionsToTxnResponse',
  { versions: '0-5', flexible: '3+' },
  {
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
);

export const addPartitionsToTxn = api(
  'AddPartitionsToTxn',
  24,
  addPartitionsToTxnRequest,
  addPartitionsToTxnResponse,
);
