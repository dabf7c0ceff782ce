import type { Serde } from './serde.ts';

export type JoinSide = 'left' | 'right';

/**
 * The key under which a left or outer join of streams stores the records of one side, key and time
 * that wait for a match.
 */
export interface UnmatchedKey<K> {
  readonly timestampMs: number;
  readonly side: JoinSide;
  readonly key: K;
}

const TIME_BYTES = 8;
const LEFT = 1;
const RIGHT = 0;

/**
 * Encodes int64 time, uint8 side (1 is left), key: entries sort by time, and the right side comes
 * first.
 */
export function unmatchedKeySerde<K>(keySerde: Serde<K>): Serde<UnmatchedKey<K>> {
  return {
    encode({ timestampMs, side, key }, topic) {
      const head = Buffer.alloc(TIME_BYTES + 1);
      head.writeBigInt64BE(BigInt(timestampMs));
      head.writeUInt8(side === 'left' ? LEFT : RIGHT, TIME_BYTES);
      return Buffer.concat([head, keySerde.encode(key, topic) ?? new Uint8Array(0)]);
    },

    decode(bytes, topic) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const key = keySerde.decode(bytes.subarray(TIME_BYTES + 1), topic);
      if (key === null) return null;
      return {
        timestampMs: Number(view.getBigInt64(0)),
        side: view.getUint8(TIME_BYTES) === LEFT ? 'left' : 'right',
        key,
      };
    },
  };
}

/** The values of one side that wait under the same key and time, in the order of their arrival. */
export interface UnmatchedValues<V> {
  readonly side: JoinSide;
  readonly values: readonly V[];
}

/** Kafka's marker of a list whose entries carry their own length. */
const ENTRIES_WITH_LENGTH = 1;
const LENGTH_BYTES = 4;

/**
 * uint8 1, int32 count, and for each value: int32 length, uint8 side (1 is left), the value's bytes.
 * One value that stands for null makes the list a tombstone, as in Kafka Streams.
 */
export function unmatchedValuesSerde<L, R>(left: Serde<L>, right: Serde<R>): Serde<UnmatchedValues<L | R>> {
  const serdeOf = (side: JoinSide) => (side === 'left' ? left : right) as Serde<L | R>;
  return {
    encode({ side, values }, topic) {
      const head = Buffer.alloc(1 + LENGTH_BYTES);
      head.writeUInt8(ENTRIES_WITH_LENGTH);
      head.writeInt32BE(values.length, 1);
      const parts: Uint8Array[] = [head];
      for (const value of values) {
        const bytes = serdeOf(side).encode(value, topic);
        if (bytes === null) return null;
        parts.push(entryHead(side, bytes.length), bytes);
      }
      return Buffer.concat(parts);
    },

    decode(bytes, topic) {
      const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const count = data.readInt32BE(1);
      const values: (L | R)[] = [];
      let side: JoinSide = 'left';
      let at = 1 + LENGTH_BYTES;
      for (let index = 0; index < count; index++) {
        const end = at + LENGTH_BYTES + data.readInt32BE(at);
        side = data.readUInt8(at + LENGTH_BYTES) === 1 ? 'left' : 'right';
        const value = serdeOf(side).decode(data.subarray(at + LENGTH_BYTES + 1, end), topic);
        if (value !== null) values.push(value);
        at = end;
      }
      return { side, values };
    },
  };
}

function entryHead(side: JoinSide, valueLength: number): Uint8Array {
  const head = Buffer.alloc(LENGTH_BYTES + 1);
  head.writeInt32BE(valueLength + 1);
  head.writeUInt8(side === 'left' ? 1 : 0, LENGTH_BYTES);
  return head;
}
