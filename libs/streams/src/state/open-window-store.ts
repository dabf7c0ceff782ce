import type { FlushListener } from './cached-rows.ts';
import { INT32_BYTES, readInt32, writeInt32 } from './bytes.ts';
import { OpenIterators } from './open-iterators.ts';
import { openWindowedRows } from './open-windowed-rows.ts';
import { RecentWindows } from './recent-windows.ts';
import { storeKeys } from './key-codec.ts';
import type { OpenedStore, StoreContext } from './store-context.ts';
import type { StoreEngine } from './store-engine.ts';
import type { StoreSpec, WindowStoreSpec } from './store-spec.ts';
import { plainValues, timestampedValues, type ValueCodec } from './value-codec.ts';
import { windowKeys } from './windowed-keys.ts';
import { TypedWindowStore } from './window-store.ts';
import type { WindowedRows } from './windowed-rows.ts';

/** True for a store with duplicates on disk, the newest rows of which are also in memory. */
export const keepsRecentRows = (spec: StoreSpec): boolean =>
  spec.kind === 'window' && spec.retainDuplicates && !spec.inMemory;

/** Opens a window store. Stores with duplicates have no cache, as in Kafka Streams. */
export function openWindowStore(
  spec: WindowStoreSpec,
  engine: StoreEngine,
  context: StoreContext,
): OpenedStore {
  const topic = context.changelogTopic(spec.name);
  const recent = keepsRecentRows(spec)
    ? new RecentWindows({ spanMs: spec.windowSizeMs, bytesMax: context.recentBytesMax })
    : undefined;
  return spec.timestamped
    ? open({ spec, engine, context, recent }, timestampedValues(spec.valueSerde, topic))
    : open({ spec, engine, context, recent }, plainValues(spec.valueSerde, topic));
}

interface WindowStoreParts {
  readonly spec: WindowStoreSpec;
  readonly engine: StoreEngine;
  readonly context: StoreContext;
  readonly recent: RecentWindows | undefined;
}

function open<S, V>(
  { spec, engine, context, recent }: WindowStoreParts,
  values: ValueCodec<S, V>,
): OpenedStore {
  const opened = openWindowedRows(
    {
      name: spec.name,
      inMemory: spec.inMemory,
      caching: spec.caching && !spec.retainDuplicates,
      emitsOnClose: spec.emitsOnClose,
      retentionMs: spec.retentionMs,
      visibleMs: spec.emitsOnClose ? spec.retentionMs : spec.retentionMs - 1,
      skipsDeletions: spec.retainDuplicates,
      countsExpiredDeletions: true,
      cacheOutlivesRetention: false,
      recent,
      keys: windowKeys,
      log: spec.logConfigs === undefined ? () => undefined : logOf(spec, context, values),
    },
    engine,
    context,
  );
  const { cached } = opened;
  const parts = {
    name: spec.name,
    windowSizeMs: spec.windowSizeMs,
    retainDuplicates: spec.retainDuplicates,
    keys: storeKeys(spec, context),
    values,
    rows: opened.rows,
    iterators: context.iterators,
    onFlush: cached && ((listener: FlushListener) => cached.onFlush(listener)),
  };
  const view = (rows: WindowedRows) =>
    new TypedWindowStore({ ...parts, rows, iterators: new OpenIterators() });
  return {
    store: new TypedWindowStore(parts),
    committed: () => view(opened.committed()),
    latest: () => view(opened.latest()),
    endRestore: () => opened.endRestore(),
    flush: () => opened.flush(),
    close: () => cached?.clear(),
    restore: (records) =>
      opened.restore(records.map((record) => ({ changelogKey: record.key, value: values.restored(record) }))),
  };
}

/**
 * The changelog counts duplicates on its own: also deletions, which the table skips, advance its
 * sequence number.
 */
function logOf<S, V>(
  { name, retainDuplicates, logsHeaders = false }: WindowStoreSpec,
  context: StoreContext,
  values: ValueCodec<S, V>,
): (changelogKey: Uint8Array, row: Uint8Array | null) => void {
  let sequence = 0;
  return (changelogKey, row) => {
    const record = context.recordContext();
    const { value, timestampMs } = values.logged(row, record.timestampMs);
    const headers = logsHeaders ? record.headers : [];
    if (!retainDuplicates) {
      context.log(name, { key: changelogKey, value, timestampMs, headers });
      return;
    }
    sequence = (sequence + 1) & 0x7fff_ffff;
    context.log(name, { key: withSequence(changelogKey, sequence), value, timestampMs, headers });
  };
}

/** Both counts are equal until the first deletion. */
function withSequence(changelogKey: Uint8Array, sequence: number): Uint8Array {
  const at = changelogKey.length - INT32_BYTES;
  if (readInt32(changelogKey, at) === sequence) return changelogKey;
  const key = new Uint8Array(changelogKey);
  writeInt32(key, at, sequence);
  return key;
}
