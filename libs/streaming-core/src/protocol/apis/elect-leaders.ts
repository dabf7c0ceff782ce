import { api } from '../api.ts';
import { array, arrayOf, int16, int32, int8, string, struct } from '../schema.ts';

/** ElectLeaders, key 43. v1 election type (KIP-460), v2 flexible. */
const electLeadersRequest = struct(
  'ElectLeadersRequest',
  { versions: '0-2', flexible: '2+' },
  {
    electionType: int8({ versions: '1+', absent: 0 }),
    topicPartitions: array({ topic: string(), partitions: arrayOf(int32()) }, { nullable: '0+' }),
    timeoutMs: int32({ absent: 60_000 }),
  },
);

const electLeadersResponse = struct(
  'ElectLeadersResponse',
  { versions: '0-2', flexible: '2+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16({ versions: '1+', absent: 0 }),
    replicaElectionResults: array({
      topic: string(),
      partitionResult: array({
        partitionId: int32(),
        errorCode: int16(),
        errorMessage: string({ nullable: '0+' }),
      }),
    }),
  },
);

export const electLeaders = api('ElectLeaders', 43, electLeadersRequest, electLeadersResponse);
