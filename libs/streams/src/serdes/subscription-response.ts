import type { Serde } from './serde.ts';
import { HASH_BYTES, NO_HASH } from './subscription.ts';

/** Sent by the right side of a foreign-key join back to the partition of the primary key (KIP-213). */
export interface SubscriptionResponse<V> {
  /** Of the left value at the time of the subscription, so that an outdated response is noticed. */
  readonly hash: Uint8Array | null;
  readonly foreignValue: V | null;
  /** Where the response goes. Not on the wire: null once it was read. */
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
