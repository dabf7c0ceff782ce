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
  uuid,
  zeroUuid,
  type Given,
  type Infer,
} from '../schema.ts';

/**
 * CreateTopics, key 19. v4 broker defaults (-1), v5 flexible, with the effective configs in the
 * response (KIP-525), v7 topic id.
 */
const createTopicsRequest = struct(
  'CreateTopicsRequest',
  { versions: '2-7', flexible: '5+' },
  {
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
);
export type CreateTopicsRequest = Infer<typeof createTopicsRequest>;

const createTopicsResponse = struct(
  'CreateTopicsResponse',
  { versions: '2-7', flexible: '5+' },
  {
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
);
export type CreateTopicsResponse = Given<typeof createTopicsResponse>;

export const createTopics = api('CreateTopics', 19, createTopicsRequest, createTopicsResponse);
