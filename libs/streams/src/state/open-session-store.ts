import type { FlushListener } from './cached-rows.ts';
import { storeKeys } from './store-keys.ts';
import { OpenIterators } from './open-iterators.ts';
import { openWindowedRows } from './open-windowed-rows.ts';
import { sessionKeys } from './session-keys.ts';
import { TypedSessionStore } from './session-store.ts';
import type { OpenedStore, StoreContext } from './store-context.ts';
import type { StoreEngine } from './store-engine.ts';
import type { SessionStoreSpec } from './store-spec.ts';
import { plainValues } from './value-codec.ts';
import type { WindowedRows } from './windowed-rows.ts';

/** Opens a session store. Its values have no time of their own: a session's is its end. */
export function openSessionStore(
  spec: SessionStoreSpec,
  engine: StoreEngine,
  context: StoreContext,
): OpenedStore {
  const topic = context.changelogTopic(spec.name);
  const values = plainValues(spec.valueSerde, topic);
  const opened = openWindowedRows(
    {
      name: spec.name,
      inMemory: spec.inMemory,
      caching: spec.caching,
      emitsOnClose: spec.emitsOnClose,
      retentionMs: spec.retentionMs,
      visibleMs: spec.retentionMs - 1,
      skipsDeletions: false,
      countsExpiredDeletions: spec.caching,
      cacheOutlivesRetention: true,
      keys: sessionKeys,
      log(key, value) {
        if (spec.logConfigs === undefined) return;
        context.log(spec.name, { key, value, timestampMs: context.recordContext().timestampMs, headers: [] });
      },
    },
    engine,
    context,
  );
  const { cached } = opened;
  const parts = {
    name: spec.name,
    keys: storeKeys(spec, context),
    values,
    rows: opened.rows,
    iterators: context.iterators,
    onFlush: cached && ((listener: FlushListener) => cached.onFlush(listener)),
  };
  const view = (rows: WindowedRows) =>
    new TypedSessionStore({ ...parts, rows, iterators: new OpenIterators() });
  return {
    store: new TypedSessionStore(parts),
    committed: () => view(opened.committed()),
    latest: () => view(opened.latest()),
    endRestore: () => opened.endRestore(),
    flush: () => opened.flush(),
    close: () => cached?.clear(),
    restore: (records) => opened.restore(records.map(({ key, value }) => ({ changelogKey: key, value }))),
  };
}
