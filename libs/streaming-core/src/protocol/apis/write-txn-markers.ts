import { api } from '../api.ts';
import { array, arrayOf, bool, int16, int32, int64, int8, string, struct, type Infer } from '../schema.ts';

/**
 * WriteTxnMarkers, key 27. Sent between brokers, and by `kafka-transactions abort`. v1 flexible, v2
 * transaction version (KIP-1228).
 */
const writeTxnMarkersRequest = struct(
  'WriteTxnMarkersRequest',
  { versions: '1-2', flexible: '1+' },
  {
    markers: array({
      producerId: int64(),
      producerEpoch: int16(),
      transactionResult: bool(),
      topics: array({ name: string(), partitionIndexes: arrayOf(int32()) }),
      coordinatorEpoch: int32(),
      transactionVersion: int8({ versions: '2+', absent: 0 }),
    }),
  },
);
export type WriteTxnMarkersRequest = Infer<typeof writeTxnMarkersRequest>;

const writeTxnMarkersResponse = struct(
  'WriteTxnMarkersResponse',
  { versions: '1-2', flexible: '1+' },
  {
    markers: array({
      producerId: int64(),
      topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
    }),
  },
);

export const writeTxnMarkers = api('WriteTxnMarkers', 27, writeTxnMarkersRequest, writeTxnMarkersResponse);
