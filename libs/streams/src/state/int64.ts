export const INT64_BYTES = 8;
export const INT32_BYTES = 4;

const TWO_TO_32 = 4_294_967_296;

// Each of these is called for each row that is restored, and a DataView costs more than the rest.

/** Writes an integer from 0 to 2^53 - 1 as an int64. A larger one is written as 2^53 - 1. */
export function writeInt64(bytes: Uint8Array, offset: number, value: number): void {
  const bounded = Math.min(value, Number.MAX_SAFE_INTEGER);
  writeInt32(bytes, offset, Math.floor(bounded / TWO_TO_32));
  writeInt32(bytes, offset + INT32_BYTES, bounded % TWO_TO_32);
}

export const readInt64 = (bytes: Uint8Array, offset: number): number =>
  readInt32(bytes, offset) * TWO_TO_32 + (readInt32(bytes, offset + INT32_BYTES) >>> 0);

export function int64(value: number): Uint8Array {
  const bytes = new Uint8Array(INT64_BYTES);
  writeInt64(bytes, 0, value);
  return bytes;
}

export function writeInt32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24;
  bytes[offset + 1] = value >>> 16;
  bytes[offset + 2] = value >>> 8;
  bytes[offset + 3] = value;
}

export const readInt32 = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset] as number) << 24) |
  ((bytes[offset + 1] as number) << 16) |
  ((bytes[offset + 2] as number) << 8) |
  (bytes[offset + 3] as number);
