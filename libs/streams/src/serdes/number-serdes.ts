import { type Serde, SerdeError, checkLength, viewOf } from './serde.ts';

/** An int64, big endian, as Kafka's `LongSerializer`. */
export const long: Serde<bigint> = Object.freeze({
  encode(value: bigint, topic: string) {
    if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value)
      throw new SerdeError('long', topic, `${String(value)} is not a bigint of 64 bits`);
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return bytes;
  },
  decode(bytes: Uint8Array, topic: string) {
    checkLength('long', topic, bytes, 8);
    return viewOf(bytes).getBigInt64(0);
  },
});

const useLong = 'Use the serde long, whose values are bigint';

/**
 * The bytes of `long`, for numbers. Throws `SerdeError` beyond 2^53 - 1, where numbers are not
 * exact.
 */
export const safeLong: Serde<number> = Object.freeze({
  encode(value: number, topic: string) {
    if (!Number.isSafeInteger(value))
      throw new SerdeError('safeLong', topic, `${String(value)} is not a safe integer. ${useLong}`);
    const bytes = Buffer.allocUnsafe(8);
    writeInt64(bytes, 0, value);
    return bytes;
  },
  decode(bytes: Uint8Array, topic: string) {
    checkLength('safeLong', topic, bytes, 8);
    const value = readInt64(bytes, 0);
    if (Number.isSafeInteger(value)) return value;
    throw new SerdeError('safeLong', topic, `${viewOf(bytes).getBigInt64(0)} is beyond 2^53 - 1. ${useLong}`);
  },
});

const TWO_TO_32 = 4_294_967_296;

// These functions run for each record or row, where a DataView would cost more than all their other
// work.

/** Writes an integer of at most 2^53 - 1 as an int64. A larger one is written as 2^53 - 1. */
export function writeInt64(bytes: Uint8Array, offset: number, value: number): void {
  const bounded = Math.min(value, Number.MAX_SAFE_INTEGER);
  writeInt32(bytes, offset, Math.floor(bounded / TWO_TO_32));
  writeInt32(bytes, offset + 4, bounded >>> 0);
}

/** Reads an int64 as a number, which is not exact beyond 2^53 - 1. */
export const readInt64 = (bytes: Uint8Array, offset: number): number =>
  readInt32(bytes, offset) * TWO_TO_32 + (readInt32(bytes, offset + 4) >>> 0);

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

/** An int32, big endian, as Kafka's `IntegerSerializer`. */
export const integer: Serde<number> = Object.freeze({
  encode(value: number, topic: string) {
    if ((value | 0) !== value)
      throw new SerdeError('integer', topic, `${String(value)} is not an integer of 32 bits`);
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return bytes;
  },
  decode(bytes: Uint8Array, topic: string) {
    checkLength('integer', topic, bytes, 4);
    return viewOf(bytes).getInt32(0);
  },
});

/** IEEE 754, big endian, as Kafka's `DoubleSerializer`: every NaN has the same bytes. */
export const double: Serde<number> = Object.freeze({
  encode(value: number, topic: string) {
    if (typeof value !== 'number') throw new SerdeError('double', topic, `${String(value)} is not a number`);
    const bytes = Buffer.alloc(8);
    if (Number.isNaN(value)) bytes.writeUInt16BE(0x7ff8);
    else bytes.writeDoubleBE(value);
    return bytes;
  },
  decode(bytes: Uint8Array, topic: string) {
    checkLength('double', topic, bytes, 8);
    return viewOf(bytes).getFloat64(0);
  },
});
