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
  uuid,
  zeroUuid,
  type Given,
  type Infer,
} from '../schema.ts';

/**
 * CreateTopics, key 19. v4 broker defaults (-1), v5 flexible, with the effective configs in the
 * response (KIP-525), v7 topic id.
 */
export const createTopics = api('CreateTopics', 19, {
  versions: '2-7',
  flexible: '5+',
  request: {
    topics: array({
      name: string(),
      numPartitions: int32(),
      replicationFactor: int16(),
      assignments: array({ partitionIndex: int32(), brokerIds: arrayOf(int32()) }, { absent: [] }),
      configs: array({ name: string(), value: string({ nullable: '0+' }) }, { absent: [] }),
    }),
    timeoutMs: int32({ absent: 60_000 }),
    validateOnly: bool({ absent: false }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({
      name: string(),
      topicId: uuid({ versions: '7+', absent: zeroUuid }),
      errorCode: int16(),
      errorMessage: string({ nullable: '0+', absent: null }),
      topicConfigErrorCode: int16({ versions: '5+', tag: 0 }),
      numPartitions: int32({ versions: '5+', absent: -1 }),
      replicationFactor: int16({ versions: '5+', absent: -1 }),
      configs: array(
        {
          name: string(),
          value: string({ nullable: '0+' }),
          readOnly: bool(),
          configSource: int8({ absent: -1 }),
          isSensitive: bool(),
        },
        { versions: '5+', nullable: '5+', absent: [] },
      ),
    }),
  },
});
export type CreateTopicsRequest = Infer<(typeof createTopics)['request']>;
export type CreateTopicsResponse = Given<(typeof createTopics)['response']>;

/** CreatePartitions, key 37. v2 flexible, v3 may be throttled (KIP-599). */
export const createPartitions = api('CreatePartitions', 37, {
  versions: '0-3',
  flexible: '2+',
  request: {
    topics: array({
      name: string(),
      count: int32(),
      assignments: array({ brokerIds: arrayOf(int32()) }, { nullable: '0+' }),
    }),
    timeoutMs: int32(),
    validateOnly: bool(),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    results: array({
      name: string(),
      errorCode: int16(),
      errorMessage: string({ nullable: '0+', absent: null }),
    }),
  },
});
export type CreatePartitionsRequest = Infer<(typeof createPartitions)['request']>;
export type CreatePartitionsResponse = Given<(typeof createPartitions)['response']>;

/** DeleteTopics, key 20. v4 flexible, v5 error message, v6 by topic id (KIP-516). */
export const deleteTopics = api('DeleteTopics', 20, {
  versions: '1-6',
  flexible: '4+',
  request: {
    topics: array(
      {
        name: string({ nullable: '6+', absent: null }),
        topicId: uuid({ absent: zeroUuid }),
      },
      { versions: '6+', absent: [] },
    ),
    topicNames: arrayOf(string(), { versions: '1-5', absent: [] }),
    timeoutMs: int32({ absent: 60_000 }),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    responses: array({
      name: string({ nullable: '6+' }),
      topicId: uuid({ versions: '6+', absent: zeroUuid }),
      errorCode: int16(),
      errorMessage: string({ versions: '5+', nullable: '5+', absent: null }),
    }),
  },
});
export type DeleteTopicsResponse = Given<(typeof deleteTopics)['response']>;

/** DeleteRecords, key 21. v2 flexible. */
export const deleteRecords = api('DeleteRecords', 21, {
  versions: '0-2',
  flexible: '2+',
  request: {
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), offset: int64() }) }),
    timeoutMs: int32(),
  },
  response: {
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({
      name: string(),
      partitions: array({ partitionIndex: int32(), lowWatermark: int64(), errorCode: int16() }),
    }),
  },
});
export type DeleteRecordsRequest = Infer<(typeof deleteRecords)['request']>;
export type DeleteRecordsResponse = Given<(typeof deleteRecords)['response']>;
