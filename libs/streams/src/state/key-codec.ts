import type { Serde } from '../serdes/serde.ts';
import type { StoreContext } from './store-context.ts';
import type { StoreSpec } from './store-spec.ts';

/** Encodes and decodes the keys of a store. */
export interface KeyCodec<K> {
  encode(key: K): Uint8Array;
  decode(bytes: Uint8Array): K;
}

interface StoreKeys {
  readonly storeName: string;
  /** The name that the serde sees. */
  readonly topic: string;
  readonly bytesMax: number;
}

/**
 * Creates the codec of a store's keys. It throws for a key that is null, has no bytes or has more
 * than `bytesMax`.
 */
function keyCodec<K>(serde: Serde<K>, { storeName, topic, bytesMax }: StoreKeys): KeyCodec<K> {
  // A processor reads a key and then writes it, so the last text is encoded once.
  let lastText: K | undefined;
  let lastBytes: Uint8Array = new Uint8Array(0);
  return {
    encode(key) {
      if (key === lastText && key !== undefined) return lastBytes;
      const bytes = key === null || key === undefined ? null : serde.encode(key, topic);
      if (bytes === null) throw new StoreKeyError(`The store ${storeName} cannot keep a null key.`);
      if (bytes.length > bytesMax) {
        throw new StoreKeyError(
          `A key of the store ${storeName} has ${bytes.length} bytes. The limit is ${bytesMax}: ` +
            'use a hash or an id of it as the key, or raise storeKeyBytesMax.',
        );
      }
      if (typeof key === 'string') {
        lastText = key;
        lastBytes = bytes;
      }
      return bytes;
    },
    decode(bytes) {
      return serde.decode(bytes, topic) as K;
    },
  };
}

class StoreKeyError extends Error {
  override readonly name = 'StoreKeyError';
}

/** The keys of a store as bytes, under the limit of its task. */
export const storeKeys = <K>(
  { name, keySerde }: Pick<StoreSpec, 'name'> & { readonly keySerde: Serde<K> },
  context: Pick<StoreContext, 'changelogTopic' | 'limits'>,
): KeyCodec<K> =>
  keyCodec(keySerde, {
    storeName: name,
    topic: context.changelogTopic(name),
    bytesMax: context.limits.storeKeyBytesMax,
  });
