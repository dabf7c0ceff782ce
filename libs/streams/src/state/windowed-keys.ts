import { writeInt64, readInt32, readInt64, writeInt32 } from '../serdes/number-serdes.ts';
import { INT64_BYTES, partOf, INT32_BYTES } from './bytes.ts';

/**
 * The layout of a windowed store's keys. A row's key is the int64 number of its segment, then the
 * key of the changelog. The key of the index by time begins with the time.
 */
export interface WindowedKeys {
  /** Returns the key of the row for a key of the changelog. */
  row(changelogKey: Uint8Array): Uint8Array;
  /** Returns the time that decides the segment of a row. */
  timeOf(row: Uint8Array): number;
  byTime(row: Uint8Array): Uint8Array;
  /** Returns the key of the row that a key of the index by time stands for. */
  rowByTime(byTime: Uint8Array): Uint8Array;
}

/** Returns the key of the changelog from the key of a row. */
export const changelogKeyOf = (row: Uint8Array): Uint8Array => partOf(row, INT64_BYTES);

/** Returns the key of a row: the segment, then the key of the changelog. */
export function inSegment(segment: number, changelogKey: Uint8Array): Uint8Array {
  const row = new Uint8Array(INT64_BYTES + changelogKey.length);
  writeInt64(row, 0, segment);
  row.set(changelogKey, INT64_BYTES);
  return row;
}

/** The bytes after the key: int64 start, int32 sequence. */
export const WINDOW_SUFFIX_BYTES = INT64_BYTES + INT32_BYTES;

/** A window of a key. The sequence number distinguishes duplicates, and is 0 if there are none. */
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

/** The keys of windows. By time: int64 start, key, int32 sequence. */
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

/** The keys of sessions. By time: int64 end, int64 start, key. */
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
