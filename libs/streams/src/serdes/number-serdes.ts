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

/** The bytes of `long` for a number. Throws beyond 2^53 - 1, where numbers are not exact. */
export const safeLong: Serde<number> = Object.freeze({
  encode(value: number, topic: string) {
    if (!Number.isSafeInteger(value))
      throw new SerdeError('safeLong', topic, `${String(value)} is not a safe integer. ${useLong}`);
    const bytes = Buffer.allocUnsafe(8);
    writeSafeLong(bytes, 0, value);
    return bytes;
  },
  decode(bytes: Uint8Array, topic: string) {
    checkLength('safeLong', topic, bytes, 8);
    const value = readSafeLong(bytes, 0);
    if (Number.isSafeInteger(value)) return value;
    throw new SerdeError('safeLong', topic, `${viewOf(bytes).getBigInt64(0)} is beyond 2^53 - 1. ${useLong}`);
  },
});

const lowWord = 0x1_0000_0000;

// These two are called for each record with a count, and a DataView costs more than all the rest.

/** Writes a safe integer as an int64, without a bigint in between. */
export function writeSafeLong(into: Uint8Array, at: number, value: number): void {
  writeWord(into, at, Math.floor(value / lowWord));
  writeWord(into, at + 4, value >>> 0);
}

/** Reads an int64 as a number, which is not exact beyond 2^53 - 1. */
export const readSafeLong = (bytes: Uint8Array, at: number): number =>
  readWord(bytes, at) * lowWord + (readWord(bytes, at + 4) >>> 0);

function writeWord(into: Uint8Array, at: number, word: number): void {
  into[at] = word >>> 24;
  into[at + 1] = word >>> 16;
  into[at + 2] = word >>> 8;
  into[at + 3] = word;
}

const readWord = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 24) |
  ((bytes[at + 1] ?? 0) << 16) |
  ((bytes[at + 2] ?? 0) << 8) |
  (bytes[at + 3] ?? 0);

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
