import type { Serde } from '../serdes/serde.ts';

/** The largest key of a store, as bytes. */
export const STORE_KEY_BYTES_MAX = 1_048_576;

/** How the keys of a store become bytes. */
export interface KeyCodec<K> {
  encode(key: K): Uint8Array;
  decode(bytes: Uint8Array): K;
}

/** Throws for a key that is null, has no bytes or has more than `STORE_KEY_BYTES_MAX`. */
export function keyCodec<K>(serde: Serde<K>, topic: string, storeName: string): KeyCodec<K> {
  return {
    encode(key) {
      const bytes = key === null || key === undefined ? null : serde.encode(key, topic);
      if (bytes === null) throw new StoreKeyError(`The store ${storeName} cannot keep a null key.`);
      if (bytes.length > STORE_KEY_BYTES_MAX) {
        throw new StoreKeyError(
          `A key of the store ${storeName} has ${bytes.length} bytes. The limit is ${STORE_KEY_BYTES_MAX}: ` +
            'use a hash or an id of it as the key.',
        );
      }
      return bytes;
    },
    decode(bytes) {
      return serde.decode(bytes, topic) as K;
    },
  };
}

export class StoreKeyError extends Error {
  override readonly name = 'StoreKeyError';
}
