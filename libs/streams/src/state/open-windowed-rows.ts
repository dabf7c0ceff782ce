import type { StateStore } from '../processor/processor.ts';
import { CachedRows } from './cached-rows.ts';
import { OpenIterators } from './open-iterators.ts';
import type { RecentWindows } from './recent-windows.ts';
import { SegmentedRows } from './segmented-rows.ts';
import { Segments } from './segments.ts';
import type { ChangelogRecord, OpenedStore, StoreContext } from './store-context.ts';
import { type Rows, type StoreEngine, readOnlyRows } from './store-engine.ts';
import { TimeIndex } from './time-index.ts';
import type { WindowedKeys } from './windowed-keys.ts';
import { WindowedRows } from './windowed-rows.ts';

interface WindowedRowsOptions {
  readonly name: string;
  readonly inMemory: boolean;
  readonly caching: boolean;
  readonly emitsOnClose: boolean;
  readonly retentionMs: number;
  readonly visibleMs: number;
  readonly skipsDeletions: boolean;
  readonly countsExpiredDeletions: boolean;
  /** Whether cached rows are found even if the table would no longer show them. */
  readonly cacheOutlivesRetention: boolean;
  /** A copy of the newest rows, in which reads look first. */
  readonly recent?: RecentWindows | undefined;
  readonly keys: (segmentOf: (timeMs: number) => number) => WindowedKeys;
  readonly log: (changelogKey: Uint8Array, value: Uint8Array | null) => void;
}

/** A record of the changelog, as the table keeps it. */
interface RestoredRow {
  readonly changelogKey: Uint8Array;
  readonly value: Uint8Array | null;
}

interface OpenedRows {
  readonly rows: WindowedRows;
  readonly cached: CachedRows | undefined;
  /** The rows as of the last commit. */
  committed(): WindowedRows;
  /** The rows with uncommitted writes, for queries. */
  latest(): WindowedRows;
  flush(): void;
  endRestore(): void;
  restore(rows: readonly RestoredRow[]): void;
}

interface StoreOver {
  readonly newStore: (rows: WindowedRows, iterators: OpenIterators) => StateStore;
  /** Returns the row for a record of the changelog. */
  readonly restored: (record: ChangelogRecord) => Uint8Array | null;
}

/** A windowed store over its rows. Queries from outside get iterators that no node has to close. */
export function openedOver(
  opened: OpenedRows,
  { iterators }: StoreContext,
  { newStore, restored }: StoreOver,
): OpenedStore {
  return {
    store: newStore(opened.rows, iterators),
    committed: () => newStore(opened.committed(), new OpenIterators()),
    latest: () => newStore(opened.latest(), new OpenIterators()),
    endRestore: () => opened.endRestore(),
    flush: () => opened.flush(),
    close: () => opened.cached?.clear(),
    restore: (records) =>
      opened.restore(records.map((record) => ({ changelogKey: record.key, value: restored(record) }))),
  };
}

/** Opens the table of a windowed store, its index by time and its cache. */
export function openWindowedRows(
  options: WindowedRowsOptions,
  engine: StoreEngine,
  context: StoreContext,
): OpenedRows {
  const { name, inMemory, caching, emitsOnClose, log, recent } = options;
  const { skipsDeletions, countsExpiredDeletions } = options;
  const cacheOutlivesRetention = caching && options.cacheOutlivesRetention;
  const segments = new Segments(options);
  const keys = options.keys((timeMs) => segments.segmentOf(timeMs));
  const stored = new SegmentedRows({
    table: engine.table(name, { inMemory }),
    keys,
    segments,
    recent,
    log,
    drop: (reason) => context.drop(reason),
    skipsDeletions,
    countsExpiredDeletions,
  });
  const indexName = `${name}:by-time`;
  const index = emitsOnClose
    ? new TimeIndex(engine.table(indexName, { inMemory }), keys, segments)
    : undefined;
  const below = cacheOutlivesRetention ? visibleRows(stored, keys, segments) : stored;
  const cached = caching ? new CachedRows(below, context, { keepsReads: false }) : undefined;
  return {
    rows: new WindowedRows(cached ?? stored, keys, segments, index, {
      showsExpired: cacheOutlivesRetention,
      recent,
    }),
    cached,
    committed() {
      const visible = stored.visible(engine.committed(name, { inMemory }));
      const order = index?.forQueries(engine.committed(indexName, { inMemory }));
      return new WindowedRows(readOnlyRows(name, visible), keys, segments, order, { showsExpired: false });
    },
    latest() {
      const rows = readOnlyRows(name, cached?.forQueries() ?? stored);
      const options = { showsExpired: cacheOutlivesRetention };
      return new WindowedRows(rows, keys, segments, index?.forQueries(), options);
    },
    endRestore() {
      stored.endRestore();
      index?.endRestore();
    },
    flush() {
      cached?.flush();
      stored.deleteExpired(index);
    },
    restore(restored) {
      const rows = restored.map(({ changelogKey, value }) => ({ key: keys.row(changelogKey), value }));
      const firstLive = segments.firstLive;
      stored.restore(rows);
      index?.restore(rows);
      // A standby task restores forever, and no flush deletes expired rows there.
      if (segments.firstLive > firstLive) stored.deleteExpired(index);
    },
  };
}

/** The rows without those that are too old to be read. */
const visibleRows = (rows: Rows, keys: WindowedKeys, segments: Segments): Rows => ({
  get: (key) => rows.get(key),
  put: (key, value) => rows.put(key, value),
  *rows(range, reverse) {
    for (const row of rows.rows(range, reverse))
      if (keys.timeOf(row.key) >= segments.visibleFromMs) yield row;
  },
});
