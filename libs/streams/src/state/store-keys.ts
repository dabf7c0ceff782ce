import type { Serde } from '../serdes/serde.ts';
import { type KeyCodec, keyCodec } from './key-codec.ts';
import type { StoreContext } from './store-context.ts';
import type { StoreSpec } from './store-spec.ts';

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
