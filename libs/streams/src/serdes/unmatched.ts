import type { Serde } from './serde.ts';

export type JoinSide = 'left' | 'right';

/** Where a left or outer join of streams keeps records of one side, key and time that wait for a match. */
export interface UnmatchedKey<K> {
  readonly timestampMs: number;
  readonly side: JoinSide;
  readonly key: K;
}

const TIME_BYTES = 8;
const LEFT = 1;
const RIGHT = 0;

/** int64 time, uint8 side (1 is left), key: entries sort by time, and the right side comes first. */
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
