import { INT64_BYTES, writeInt64 } from './int64.ts';
import { partOf } from './part-of-bytes.ts';

/**
 * How a windowed store lays out its keys. A row's key is the int64 number of its segment, then the
 * key of the changelog. The key of the index by time begins with the time.
 */
export interface WindowedKeys {
  /** The key of the row for a key of the changelog. */
  row(changelogKey: Uint8Array): Uint8Array;
  /** The time that decides the segment of a row. */
  timeOf(row: Uint8Array): number;
  byTime(row: Uint8Array): Uint8Array;
  /** The row that a key of the index by time stands for. */
  rowByTime(byTime: Uint8Array): Uint8Array;
}

/** The key of the changelog within the key of a row. */
export const changelogKeyOf = (row: Uint8Array): Uint8Array => partOf(row, INT64_BYTES);

/** The key of a row: the segment before the key of the changelog. */
export function inSegment(segment: number, changelogKey: Uint8Array): Uint8Array {
  const row = new Uint8Array(INT64_BYTES + changelogKey.length);
  writeInt64(row, 0, segment);
  row.set(changelogKey, INT64_BYTES);
  return row;
}
