/** A position in a record's bytes. The functions that read move it forward. */
export interface Cursor {
  readonly bytes: Buffer;
  position: number;
}

/** The bytes violate their format, such as by ending too early or claiming more than there is. */
export class MalformedBytes extends Error {
  override readonly name = 'MalformedBytes';
}

const bytesMax = 10;

/**
 * Reads a zigzag variable-length integer of up to 64 bits (Protocol Buffers encoding). Throws
 * MalformedBytes if the bytes end early or the integer is too long.
 */
export function readVarlong(cursor: Cursor): bigint {
  let value = 0n;
  for (let index = 0; index < bytesMax; index += 1) {
    const byte = nextByte(cursor);
    value |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
  }
  throw new MalformedBytes('variable-length integer is longer than 10 bytes');
}

/** Like `readVarlong`, for up to 32 bits. */
export function readVarint(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = nextByte(cursor);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
  }
  throw new MalformedBytes('variable-length integer is longer than 5 bytes');
}

/**
 * Like `readVarlong`, for integers that a number holds exactly, such as milliseconds. It is several
 * times faster.
 */
export function readVarlongAsNumber(cursor: Cursor): number {
  let value = 0;
  let unit = 1;
  for (let index = 0; index < bytesMax; index += 1) {
    const byte = nextByte(cursor);
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    unit *= 0x80;
  }
  throw new MalformedBytes('variable-length integer is longer than 10 bytes');
}

/** Skips an integer of up to 64 bits without decoding it. */
export function skipVarlong(cursor: Cursor): void {
  for (let index = 0; index < bytesMax; index += 1) if (nextByte(cursor) < 0x80) return;
  throw new MalformedBytes('variable-length integer is longer than 10 bytes');
}

function nextByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.position++];
  if (byte === undefined) throw new MalformedBytes('the bytes end inside a variable-length integer');
  return byte;
}

export function writeVarlong(bytes: number[], value: bigint): void {
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
}

export const writeVarint = (bytes: number[], value: number): void => writeVarlong(bytes, BigInt(value));
