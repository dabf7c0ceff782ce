import { api } from '../api.ts';
import { array, int16, int32, int64, string, struct, type Given, type Infer } from '../schema.ts';

/** DeleteRecords, key 21. v2 flexible. */
const deleteRecordsRequest = struct(
  'DeleteRecordsRequest',
  { versions: '0-2', flexible: '2+' },
  {
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), offset: int64() }) }),
    timeoutMs: int32(),
  },
);
export type DeleteRecordsRequest = Infer<typeof deleteRecordsRequest>;

const deleteRecordsResponse = struct(
  'DeleteRecordsResponse',
  { versions: '0-2', flexible: '2+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({
      name: string(),
      partitions: array({ partitionIndex: int32(), lowWatermark: int64(), errorCode: int16() }),
    }),
  },
);
export type DeleteRecordsResponse = Given<typeof deleteRecordsResponse>;

export const deleteRecords = api('DeleteRecords', 21, deleteRecordsRequest, deleteRecordsResponse);
