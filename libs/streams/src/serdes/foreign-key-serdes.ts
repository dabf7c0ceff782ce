import { joinPair, splitPair } from './byte-pairs.ts';
import type { Serde } from './serde.ts';

/**
 * How the right side of a foreign-key join treats a subscription:
 *
 * - `unsubscribe`: deletes it, without a response.
 * - `unsubscribe_and_respond`: deletes it, and responds with no value.
 * - `respond`: stores it, and responds with the foreign value, or with no value if there is none.
 * - `respond_if_found`: stores it, and responds only if there is a foreign value.
 */
export type SubscriptionInstruction = (typeof instructions)[number];

/** The position of an instruction is its byte on the wire. */
const instructions = ['unsubscribe', 'unsubscribe_and_respond', 'respond', 'respond_if_found'] as const;

/** Sent by the left side of a foreign-key join to the partition of the foreign key (KIP-213). */
export interface Subscription {
  /** The hash of the left value's bytes. Null if the left row was deleted. */
  readonly hash: Uint8Array | null;
  readonly instruction: SubscriptionInstruction;
  readonly primaryKey: Uint8Array;
  /** The partition to respond to. Null in version 0, where the primary key decides. */
  readonly primaryPartition: number | null;
}

const HASH_BYTES = 16;
const NO_HASH = 0x80;
const PARTITION_BYTES = 4;
const VERSION_MAX = 1;

/**
 * uint8 version (highest bit: no hash), uint8 instruction, 16 bytes of hash if there is one,
 * primary key, int32 primary partition (from version 1).
 */
export const subscriptionSerde: Serde<Subscription> = {
  encode({ hash, instruction, primaryKey, primaryPartition }) {
    const version = primaryPartition === null ? 0 : 1;
    const head = Uint8Array.of(version | (hash === null ? NO_HASH : 0), instructions.indexOf(instruction));
    const tail = Buffer.alloc(primaryPartition === null ? 0 : PARTITION_BYTES);
    if (primaryPartition !== null) tail.writeInt32BE(primaryPartition);
    return Buffer.concat([head, hash ?? new Uint8Array(0), primaryKey, tail]);
  },

  decode(bytes) {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const flags = data.readUInt8(0);
    const version = flags & ~NO_HASH;
    if (version > VERSION_MAX) {
      throw new Error(
        `A foreign-key subscription has version ${version}, and this library reads up to ${VERSION_MAX}.`,
      );
    }
    const keyStart = 2 + ((flags & NO_HASH) === 0 ? HASH_BYTES : 0);
    const keyEnd = data.length - (version === 0 ? 0 : PARTITION_BYTES);
    return {
      hash: keyStart === 2 ? null : data.subarray(2, keyStart),
      instruction: instructionOf(data.readUInt8(1)),
      primaryKey: data.subarray(keyStart, keyEnd),
      primaryPartition: version === 0 ? null : data.readInt32BE(keyEnd),
    };
  },
};

function instructionOf(byte: number): SubscriptionInstruction {
  const instruction = instructions[byte];
  if (instruction === undefined) {
    throw new Error(`A foreign-key subscription has the unknown instruction ${byte}.`);
  }
  return instruction;
}

/** Sent by the right side of a foreign-key join back to the partition of the primary key (KIP-213). */
export interface SubscriptionResponse<V> {
  /**
   * The hash of the left value at the time of the subscription, so that an outdated response is
   * recognized.
   */
  readonly hash: Uint8Array | null;
  readonly foreignValue: V | null;
  /**
   * The partition that the response goes to. It is not on the wire, so it is null after decoding.
   */
  readonly primaryPartition: number | null;
}

/** uint8 version 0 (highest bit: no hash), 16 bytes of hash if there is one, the foreign value's bytes. */
export function subscriptionResponseSerde<V>(foreignValueSerde: Serde<V>): Serde<SubscriptionResponse<V>> {
  return {
    encode({ hash, foreignValue }, topic) {
      const value = foreignValue === null ? null : foreignValueSerde.encode(foreignValue, topic);
      const flags = Uint8Array.of(hash === null ? NO_HASH : 0);
      return Buffer.concat([flags, hash ?? new Uint8Array(0), value ?? new Uint8Array(0)]);
    },

    decode(bytes, topic) {
      const flags = bytes[0] ?? 0;
      if ((flags & ~NO_HASH) !== 0) {
        throw new Error(
          `A response on topic ${topic} has version ${flags & ~NO_HASH}, and this library reads only 0.`,
        );
      }
      const valueStart = 1 + ((flags & NO_HASH) === 0 ? HASH_BYTES : 0);
      const value = bytes.subarray(valueStart);
      return {
        hash: valueStart === 1 ? null : bytes.subarray(1, valueStart),
        foreignValue: value.length === 0 ? null : foreignValueSerde.decode(value, topic),
        primaryPartition: null,
      };
    },
  };
}

/** Returns the bytes that all combined keys of one foreign key begin with: int32 length, foreign key. */
export const combinedKeyPrefix = (foreignKey: Uint8Array): Uint8Array => joinPair(foreignKey, noBytes);

const noBytes = new Uint8Array(0);

/** The key of a subscription in the store of a foreign-key join: int32 length, foreign key, primary key. */
export const combinedKey = (foreignKey: Uint8Array, primaryKey: Uint8Array): Uint8Array =>
  joinPair(foreignKey, primaryKey);

/** The primary key within a combined key. */
export const primaryKeyOf = (combined: Uint8Array): Uint8Array => splitPair(combined)[1];
