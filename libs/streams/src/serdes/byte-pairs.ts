import { readInt32, writeInt32 } from './number-serdes.ts';

const lengthBytes = 4;

/** Two lists of bytes as one, which `splitPair` takes apart again: int32 length of the first, first, second. */
export function joinPair(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(lengthBytes + first.length + second.length);
  writeInt32(bytes, 0, first.length);
  bytes.set(first, lengthBytes);
  bytes.set(second, lengthBytes + first.length);
  return bytes;
}

export function splitPair(bytes: Uint8Array): readonly [first: Uint8Array, second: Uint8Array] {
  const end = lengthBytes + readInt32(bytes, 0);
  return [bytes.subarray(lengthBytes, end), bytes.subarray(end)];
}
