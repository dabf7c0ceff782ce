import { readInt32, writeInt32 } from '../serdes/number-serdes.ts';
import { INT32_BYTES } from './bytes.ts';
import { openedOver, openWindowedRows } from './open-windowed-rows.ts';
import { RecentWindows } from './recent-windows.ts';
import { storeKeys } from './key-codec.ts';
import type { OpenedStore, StoreContext } from './store-context.ts';
import type { StoreEngine } from './store-engine.ts';
import type { StoreSpec, WindowStoreSpec } from './store-spec.ts';
import { plainValues, timestampedValues, type ValueCodec } from './value-codec.ts';
import { windowKeys } from './windowed-keys.ts';
import { TypedWindowStore } from './window-store.ts';

/**
 * Whether a store keeps its newest rows in memory as well, as a store with duplicates on disk does.
 */
export const keepsRecentRows = (spec: StoreSpec): boolean =>
  spec.kind === 'window' && spec.retainDuplicates && !spec.inMemory;

/** Opens a window store. Stores with duplicates have no cache, as in Kafka Streams. */
export function openWindowStore(
  spec: WindowStoreSpec,
  engine: StoreEngine,
  context: StoreContext,
): OpenedStore {
  const topic = context.changelogTopic(spec.name);
  return spec.timestamped
    ? open(spec, engine, context, timestampedValues(spec.valueSerde, topic))
    : open(spec, engine, context, plainValues(spec.valueSerde, topic));
}

function open<S, V>(
  spec: WindowStoreSpec,
  engine: StoreEngine,
  context: StoreContext,
  values: ValueCodec<S, V>,
): OpenedStore {
  const recent = keepsRecentRows(spec)
    ? new RecentWindows({ spanMs: spec.windowSizeMs, bytesMax: context.recentBytesMax })
    : undefined;
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
  const parts = {
    name: spec.name,
    windowSizeMs: spec.windowSizeMs,
    retainDuplicates: spec.retainDuplicates,
    keys: storeKeys(spec, context),
    values,
    cached: opened.cached,
  };
  return openedOver(opened, context, {
    newStore: (rows, iterators) => new TypedWindowStore({ ...parts, rows, iterators }),
    restored: (record) => values.restored(record),
  });
}

/**
 * Writes to the changelog. It numbers duplicates separately, because deletions, which the table
 * skips, also advance its sequence number.
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

/**
 * Sets the sequence number of a changelog key. It equals that of the table until the first
 * deletion.
 */
function withSequence(changelogKey: Uint8Array, sequence: number): Uint8Array {
  const at = changelogKey.length - INT32_BYTES;
  if (readInt32(changelogKey, at) === sequence) return changelogKey;
  const key = new Uint8Array(changelogKey);
  writeInt32(key, at, sequence);
  return key;
}
