import type { ValueAndTimestamp } from '../processor/record.ts';
import type { Serde } from '../serdes/serde.ts';
import { readInt64, writeInt64 } from '../serdes/number-serdes.ts';
import { INT64_BYTES, partOf } from './bytes.ts';

/** A value in a changelog, and the time of its record. */
interface LoggedValue {
  readonly value: Uint8Array | null;
  readonly timestampMs: number;
}

/** Encodes the values of a store for its table and for its changelog. */
export interface ValueCodec<S, V> {
  encode(stored: S): Uint8Array | null;
  decode(bytes: Uint8Array): S | null;
  /** Returns the changelog record for a row that is written at this time. */
  logged(row: Uint8Array | null, timestampMs: number): LoggedValue;
  /**
   * Returns the row for a changelog record. Its bytes may be in Node's pool, so copy them to keep
   * them.
   */
  restored(record: LoggedValue): Uint8Array | null;
  /** Returns the value without its time. */
  plain(stored: S): V;
  /** Returns the time of the value if it has one, otherwise this time. */
  timeOf(stored: S | null, timestampMs: number): number;
}

/** The table and the changelog have the value's bytes as they are. */
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

/**
 * The table has the time as int64, then the value's bytes. The changelog has the value's bytes in a
 * record with the value's time (KIP-258).
 */
export function timestampedValues<V>(serde: Serde<V>, topic: string): ValueCodec<ValueAndTimestamp<V>, V> {
  return {
    encode({ value, timestampMs }) {
      const bytes = serde.encode(value, topic);
      return bytes === null ? null : writeRow(new Uint8Array(INT64_BYTES + bytes.length), bytes, timestampMs);
    },
    decode(row) {
      const value = serde.decode(partOf(row, INT64_BYTES), topic);
      return value === null ? null : { value, timestampMs: readInt64(row, 0) };
    },
    logged: (row, timestampMs) =>
      row === null
        ? { value: null, timestampMs }
        : { value: partOf(row, INT64_BYTES), timestampMs: readInt64(row, 0) },
    restored: ({ value, timestampMs }) =>
      value === null ? null : writeRow(Buffer.allocUnsafe(INT64_BYTES + value.length), value, timestampMs),
    plain: ({ value }) => value,
    timeOf: (stored, timestampMs) => stored?.timestampMs ?? timestampMs,
  };
}

function writeRow(row: Uint8Array, value: Uint8Array, timestampMs: number): Uint8Array {
  writeInt64(row, 0, timestampMs);
  row.set(value, INT64_BYTES);
  return row;
}
