export const INT64_BYTES = 8;
export const INT32_BYTES = 4;

const TWO_TO_32 = 4_294_967_296;

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Writes an integer from 0 to 2^53 - 1 as an int64. A larger one is written as 2^53 - 1. */
export function writeInt64(bytes: Uint8Array, offset: number, value: number): void {
  const bounded = Math.min(value, Number.MAX_SAFE_INTEGER);
  const view = viewOf(bytes);
  view.setUint32(offset, Math.floor(bounded / TWO_TO_32));
  view.setUint32(offset + INT32_BYTES, bounded % TWO_TO_32);
}

export function readInt64(bytes: Uint8Array, offset: number): number {
  const view = viewOf(bytes);
  return view.getInt32(offset) * TWO_TO_32 + view.getUint32(offset + INT32_BYTES);
}

export function int64(value: number): Uint8Array {
  const bytes = new Uint8Array(INT64_BYTES);
  writeInt64(bytes, 0, value);
  return bytes;
}

export const writeInt32 = (bytes: Uint8Array, offset: number, value: number): void =>
  viewOf(bytes).setInt32(offset, value);

export const readInt32 = (bytes: Uint8Array, offset: number): number => viewOf(bytes).getInt32(offset);
