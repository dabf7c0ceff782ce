import { INT64_BYTES, readInt64, writeInt64 } from './int64.ts';
import { inSegment, type WindowedKeys } from './windowed-keys.ts';

const SUFFIX_BYTES = 2 * INT64_BYTES;

export interface SessionRow {
  readonly key: Uint8Array;
  readonly startMs: number;
  readonly endMs: number;
}

/** The key of a session in the changelog of Kafka Streams: key, int64 end, int64 start. */
export function sessionKey({ key, startMs, endMs }: SessionRow): Uint8Array {
  const bytes = new Uint8Array(key.length + SUFFIX_BYTES);
  bytes.set(key);
  writeInt64(bytes, key.length, endMs);
  writeInt64(bytes, key.length + INT64_BYTES, startMs);
  return bytes;
}

/** Reads the key of a row: int64 segment, then the key of the changelog. */
export function sessionRowOf(row: Uint8Array): SessionRow {
  const end = row.length - SUFFIX_BYTES;
  return {
    key: row.subarray(INT64_BYTES, end),
    endMs: readInt64(row, end),
    startMs: readInt64(row, end + INT64_BYTES),
  };
}

/** By time: int64 end, int64 start, key. */
export function sessionKeys(segmentOf: (timeMs: number) => number): WindowedKeys {
  return {
    row: (changelogKey) =>
      inSegment(segmentOf(readInt64(changelogKey, changelogKey.length - SUFFIX_BYTES)), changelogKey),
    timeOf: (row) => readInt64(row, row.length - SUFFIX_BYTES),
    byTime(row) {
      const { key, startMs, endMs } = sessionRowOf(row);
      const bytes = new Uint8Array(key.length + SUFFIX_BYTES);
      writeInt64(bytes, 0, endMs);
      writeInt64(bytes, INT64_BYTES, startMs);
      bytes.set(key, SUFFIX_BYTES);
      return bytes;
    },
    rowByTime(byTime) {
      const endMs = readInt64(byTime, 0);
      const startMs = readInt64(byTime, INT64_BYTES);
      return inSegment(segmentOf(endMs), sessionKey({ key: byTime.subarray(SUFFIX_BYTES), startMs, endMs }));
    },
  };
}
