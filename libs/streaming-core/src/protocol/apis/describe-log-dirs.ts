import { api } from '../api.ts';
import {
  array,
  arrayOf,
  bool,
  int16,
  int32,
  int64,
  string,
  struct,
  type Given,
  type Infer,
} from '../schema.ts';

/**
 * DescribeLogDirs, key 35. v2 flexible, v3 top-level error, v4 volume sizes (KIP-827), v5 cordoned
 * folders (KIP-1066).
 */
const describeLogDirsRequest = struct(
  'DescribeLogDirsRequest',
  { versions: '1-5', flexible: '2+' },
  {
    topics: array({ topic: string(), partitions: arrayOf(int32()) }, { nullable: '0+' }),
  },
);
export type DescribeLogDirsRequest = Infer<typeof describeLogDirsRequest>;

const describeLogDirsResponse = struct(
  'DescribeLogDirsResponse',
  { versions: '1-5', flexible: '2+' },
  {
    throttleTimeMs: int32({ absent: 0 }),
    errorCode: int16({ versions: '3+', absent: 0 }),
    results: array({
      errorCode: int16(),
      logDir: string(),
      topics: array({
        name: string(),
        partitions: array({
          partitionIndex: int32(),
          partitionSize: int64(),
          offsetLag: int64(),
          isFutureKey: bool(),
        }),
      }),
      totalBytes: int64({ versions: '4+', absent: -1n }),
      usableBytes: int64({ versions: '4+', absent: -1n }),
      isCordoned: bool({ versions: '5+', absent: false }),
    }),
  },
);
export type DescribeLogDirsResponse = Given<typeof describeLogDirsResponse>;

export const describeLogDirs = api('DescribeLogDirs', 35, describeLogDirsRequest, describeLogDirsResponse);
