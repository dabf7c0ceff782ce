import { INT32_BYTES, INT64_BYTES, readInt32, readInt64, writeInt32, writeInt64 } from './int64.ts';
import { partOf } from './part-of-bytes.ts';
import { inSegment, type WindowedKeys } from './windowed-keys.ts';

/** The bytes after the key: int64 start, int32 sequence. */
export const WINDOW_SUFFIX_BYTES = INT64_BYTES + INT32_BYTES;

/** A window of a key. The sequence number tells duplicates apart, and is 0 without them. */
export interface WindowRow {
  readonly key: Uint8Array;
  readonly startMs: number;
  readonly sequence: number;
}

/** The key of a window in the changelog of Kafka Streams: key, int64 start, int32 sequence. */
export function windowKey({ key, startMs, sequence }: WindowRow): Uint8Array {
  const bytes = new Uint8Array(key.length + WINDOW_SUFFIX_BYTES);
  bytes.set(key);
  writeInt64(bytes, key.length, startMs);
  writeInt32(bytes, key.length + INT64_BYTES, sequence);
  return bytes;
}

/** Reads the key of a row: int64 segment, then the key of the changelog. */
export function windowRowOf(row: Uint8Array): WindowRow {
  const end = row.length - WINDOW_SUFFIX_BYTES;
  return {
    key: partOf(row, INT64_BYTES, end),
    startMs: readInt64(row, end),
    sequence: readInt32(row, end + INT64_BYTES),
  };
}

/** By time: int64 start, key, int32 sequence. */
export function windowKeys(segmentOf: (timeMs: number) => number): WindowedKeys {
  return {
    row: (changelogKey) =>
      inSegment(segmentOf(readInt64(changelogKey, changelogKey.length - WINDOW_SUFFIX_BYTES)), changelogKey),
    timeOf: (row) => readInt64(row, row.length - WINDOW_SUFFIX_BYTES),
    byTime(row) {
      const { key, startMs, sequence } = windowRowOf(row);
      const bytes = new Uint8Array(key.length + WINDOW_SUFFIX_BYTES);
      writeInt64(bytes, 0, startMs);
      bytes.set(key, INT64_BYTES);
      writeInt32(bytes, bytes.length - INT32_BYTES, sequence);
      return bytes;
    },
    rowByTime(byTime) {
      const startMs = readInt64(byTime, 0);
      const key = byTime.subarray(INT64_BYTES, byTime.length - INT32_BYTES);
      const sequence = readInt32(byTime, byTime.length - INT32_BYTES);
      return inSegment(segmentOf(startMs), windowKey({ key, startMs, sequence }));
    },
  };
}
