import {
  api,
  array,
  int16,
  int32,
  int64,
  object,
  records,
  string,
  uuid,
  zeroUuid,
  type Given,
  type Infer,
} from '../schema.ts';

/**
 * Produce, key 0. v5 log start offset, v8 record errors (KIP-467), v9 flexible, v10 leader hints
 * (KIP-951), v12 the request itself adds its partitions to the transaction (KIP-890), v13 topic ids
 * instead of names (KIP-516).
 */
export const produce = api('Produce', 0, {
  versions: '3-13',
  flexible: '9+',
  advertisedMin: 0,
  request: {
    transactionalId: string({ nullable: '0+', absent: null }),
    acks: int16(),
    timeoutMs: int32(),
    topicData: array({
      name: string({ versions: '3-12', absent: '' }),
      topicId: uuid({ versions: '13+', absent: zeroUuid }),
      partitionData: array({ index: int32(), records: records({ nullable: '0+' }) }),
    }),
  },
  response: {
    responses: array({
      name: string({ versions: '3-12', absent: '' }),
      topicId: uuid({ versions: '13+', absent: zeroUuid }),
      partitionResponses: array({
        index: int32(),
        errorCode: int16(),
        baseOffset: int64(),
        logAppendTimeMs: int64({ absent: -1n }),
        logStartOffset: int64({ versions: '5+', absent: -1n }),
        recordErrors: array(
          { batchIndex: int32(), batchIndexErrorMessage: string({ nullable: '0+', absent: null }) },
          { versions: '8+', absent: [] },
        ),
        errorMessage: string({ versions: '8+', nullable: '8+', absent: null }),
        currentLeader: object(
          { leaderId: int32({ absent: -1 }), leaderEpoch: int32({ absent: -1 }) },
          { versions: '10+', tag: 0 },
        ),
      }),
    }),
    throttleTimeMs: int32({ absent: 0 }),
    nodeEndpoints: array(
      { nodeId: int32(), host: string(), port: int32(), rack: string({ nullable: '0+', absent: null }) },
      { versions: '10+', tag: 0 },
    ),
  },
});
export type ProduceRequest = Infer<(typeof produce)['request']>;
export type ProduceResponse = Given<(typeof produce)['response']>;
