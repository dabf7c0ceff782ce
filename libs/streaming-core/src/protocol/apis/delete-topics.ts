import { api } from '../api.ts';
import { array, arrayOf, int16, int32, string, struct, uuid, zeroUuid, type Given } from '../schema.ts';

/** DeleteTopics, key 20. v4 flexible, v5 error message, v6 by topic id (KIP-516). */
const deleteTopicsRequest = struct(
  'DeleteTopicsRequest',
  { versions: '1-6', flexible: '4+' },
  {
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
);

const deleteTopicsResponse = struct(
  'DeleteTopicsResponse',
  { versions: '1-6', flexible: '4+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    responses: array({
      name: string({ nullable: '6+' }),
      topicId: uuid({ versions: '6+', absent: zeroUuid }),
      errorCode: int16(),
      errorMessage: string({ versions: '5+', nullable: '5+', absent: null }),
    }),
  },
);
export type DeleteTopicsResponse = Given<typeof deleteTopicsResponse>;

export const deleteTopics = api('DeleteTopics', 20, deleteTopicsRequest, deleteTopicsResponse);
