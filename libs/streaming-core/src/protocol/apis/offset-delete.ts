import { api } from '../api.ts';
import { array, int16, int32, string, struct } from '../schema.ts';

/** OffsetDelete, key 47 (KIP-496). Never flexible. */
const offsetDeleteRequest = struct(
  'OffsetDeleteRequest',
  { versions: '0', flexible: 'none' },
  {
    groupId: string(),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32() }) }),
  },
);

const offsetDeleteResponse = struct(
  'OffsetDeleteResponse',
  { versions: '0', flexible: 'none' },
  {
    errorCode: int16(),
    throttleTimeMs: int32({ absent: 0 }),
    topics: array({ name: string(), partitions: array({ partitionIndex: int32(), errorCode: int16() }) }),
  },
);

export const offsetDelete = api('OffsetDelete', 47, offsetDeleteRequest, offsetDeleteResponse);
