import { openKeyValueStore } from './open-key-value-store.ts';
import { openSessionStore } from './open-session-store.ts';
import { openWindowStore } from './open-window-store.ts';
import type { OpenedStore, StoreContext } from './store-context.ts';
import type { StoreEngine } from './store-engine.ts';
import type { StoreSpec } from './store-spec.ts';
import type { StateStore } from '../processor/processor.ts';
import { openSuppressBuffer } from './suppress-buffer.ts';

/**
 * Opens a store over its table in the engine. After a rollback of the engine it must be opened
 * again, since it keeps times and cached rows of its own. A store has no cache if the shared one has
 * no room, as in Kafka Streams.
 */
export function openStore(declared: StoreSpec, engine: StoreEngine, context: StoreContext): OpenedStore {
  const spec = context.cache.isOff ? { ...declared, caching: false } : declared;
  const opened = openByKind(spec, engine, context);
  let committed: StateStore | undefined;
  let latest: StateStore | undefined;
  return {
    ...opened,
    committed: () => (committed ??= opened.committed()),
    latest: () => (latest ??= opened.latest()),
    endRestore() {
      opened.endRestore();
      engine.commit(new Map());
    },
  };
}

function openByKind(spec: StoreSpec, engine: StoreEngine, context: StoreContext): OpenedStore {
  switch (spec.kind) {
    case 'key_value':
      return openKeyValueStore(spec, engine, context);
    case 'window':
      return openWindowStore(spec, engine, context);
    case 'session':
      return openSessionStore(spec, engine, context);
    case 'suppress_buffer':
      return openSuppressBuffer(spec, engine, context);
  }
}
