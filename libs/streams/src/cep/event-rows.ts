import { INT64_BYTES } from '../state/bytes.ts';
import { readInt64, writeInt64 } from '../serdes/number-serdes.ts';

/*
 * The rows of the store `<name>-events`. Their keys sort as bytes.
 *
 * time int64 | 0 | key            the oldest run of the key times out
 * time int64 | 1 | sequence int64 an event waits, with its key and its value as a pair
 */
const timer = 0;
const event = 1;

const headBytes = INT64_BYTES + 1;

/** The place of an event among all others of a task. */
interface EventPlace {
  readonly timeMs: number;
  readonly sequence: number;
}

export function timerRow(timeMs: number, key: Uint8Array): Uint8Array {
  const row = Buffer.allocUnsafe(headBytes + key.length);
  writeHead(row, timeMs, timer);
  row.set(key, headBytes);
  return row;
}

export function eventRow({ timeMs, sequence }: EventPlace): Uint8Array {
  const row = Buffer.allocUnsafe(headBytes + INT64_BYTES);
  writeHead(row, timeMs, event);
  writeInt64(row, headBytes, sequence);
  return row;
}

function writeHead(row: Uint8Array, timeMs: number, kind: number): void {
  writeInt64(row, 0, timeMs);
  row[headBytes - 1] = kind;
}

export const timeOfRow = (row: Uint8Array): number => readInt64(row, 0);

/** The key whose timer the row is, or undefined for an event. */
export const timerKey = (row: Uint8Array): Uint8Array | undefined =>
  row[headBytes - 1] === timer ? row.subarray(headBytes) : undefined;

export const placeOfRow = (row: Uint8Array): EventPlace => ({
  timeMs: timeOfRow(row),
  sequence: readInt64(row, headBytes),
});
