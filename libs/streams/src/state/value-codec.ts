import type { ValueAndTimestamp } from '../processor/change.ts';
import type { Serde } from '../serdes/serde.ts';

/** A value of a changelog and the time of its record. */
export interface LoggedValue {
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
}

/** How the values of a store become bytes in its table, and in its changelog. */
export interface ValueCodec<S, V> {
  encode(stored: S): Uint8Array | null;
  decode(bytes: Uint8Array): S | null;
  /** The record of the changelog for a row, written at this time. */
  logged(row: Uint8Array | null, timestampMs: number): LoggedValue;
  /** The row for a record of the changelog. */
  restored(record: LoggedValue): Uint8Array | null;
  /** The value without its time. */
  plain(stored: S): V;
  /** The time of the value if it has one of its own, else this time. */
  timeOf(stored: S | null, timestampMs: number): number;
}

/** The value's bytes as they are, in the table and in the changelog. */
export function plainValues<V>(serde: Serde<V>, topic: string): ValueCodec<V, V> {
  return {
    encode: (value) => serde.encode(value, topic),
    decode: (bytes) => serde.decode(bytes, topic),
    logged: (value, timestampMs) => ({ value, timestampMs }),
    restored: ({ value }) => value,
    plain: (value) => value,
    timeOf: (_value, timestampMs) => timestampMs,
  };
}

const TIME_BYTES = 8;

/**
 * In the table: the time as int64, then the value's bytes. In the changelog: the value's bytes in a
 * record with the value's time (KIP-258).
 */
export function timestampedValues<V>(serde: Serde<V>, topic: string): ValueCodec<ValueAndTimestamp<V>, V> {
  return {
    encode({ value, timestampMs }) {
      const bytes = serde.encode(value, topic);
      return bytes === null ? null : withTime(bytes, timestampMs);
    },
    decode(row) {
      const value = serde.decode(row.subarray(TIME_BYTES), topic);
      return value === null ? null : { value, timestampMs: timeIn(row) };
    },
    logged: (row, timestampMs) =>
      row === null
        ? { value: null, timestampMs }
        : { value: row.subarray(TIME_BYTES), timestampMs: timeIn(row) },
    restored: ({ value, timestampMs }) => (value === null ? null : withTime(value, timestampMs)),
    plain: ({ value }) => value,
    timeOf: (stored, timestampMs) => stored?.timestampMs ?? timestampMs,
  };
}

function withTime(value: Uint8Array, timestampMs: number): Uint8Array {
  const row = new Uint8Array(TIME_BYTES + value.length);
  new DataView(row.buffer).setBigInt64(0, BigInt(timestampMs));
  row.set(value, TIME_BYTES);
  return row;
}

const timeIn = (row: Uint8Array): number =>
  Number(new DataView(row.buffer, row.byteOffset, row.byteLength).getBigInt64(0));
