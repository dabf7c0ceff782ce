import { api } from '../api.ts';
import { array, arrayOf, int16, int32, int64, string, struct } from '../schema.ts';

/** DescribeProducers, key 61 (KIP-664). */
const describeProducersRequest = struct(
  'DescribeProducersRequest',
  { versions: '0', flexible: '0+' },
  {
    topics: array({ name: string(), partitionIndexes: arrayOf(int32()) }),
  },
);

const describeProducersResponse = struct(
  'DescribeProducersResponse',
  { versions: '0', flexible: '0+' },
  {
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
);

export const describeProducers = api(
  'DescribeProducers',
  61,
  describeProducersRequest,
  describeProducersResponse,
);
