import type { Serde } from './serde.ts';

/**
 * The way in which the right side of a foreign-key join treats a subscription:
 * - `unsubscribe`: delete it, no response.
 * - `unsubscribe_and_respond`: delete it, respond with no value.
 * - `respond`: keep it, respond with the foreign value, or with none if there is none.
 * - `respond_if_found`: keep it, respond only if there is a foreign value.
 */
export type SubscriptionInstruction = (typeof instructions)[number];

/** The order gives the byte on the wire. */
const instructions = ['unsubscribe', 'unsubscribe_and_respond', 'respond', 'respond_if_found'] as const;

/** Sent by the left side of a foreign-key join to the partition of the foreign key (KIP-213). */
export interface Subscription {
  /** Of the left value's bytes. Null if the left row was deleted. */
  readonly hash: Uint8Array | null;
  readonly instruction: SubscriptionInstruction;
  readonly primaryKey: Uint8Array;
  /** The partition to respond to. Null in version 0, where the primary key decides. */
  readonly primaryPartition: number | null;
}

export const HASH_BYTES = 16;
export const NO_HASH = 0x80;
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
