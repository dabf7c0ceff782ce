import { CachedRows } from './cached-rows.ts';
import { readOnlyRows } from './read-only-rows.ts';
import { SegmentedRows } from './segmented-rows.ts';
import { Segments } from './segments.ts';
import type { StoreContext } from './store-context.ts';
import type { StoreEngine } from './store-engine.ts';
import { TimeIndex } from './time-index.ts';
import type { WindowedKeys } from './windowed-keys.ts';
import { WindowedRows } from './windowed-rows.ts';

export interface WindowedRowsOptions {
  readonly name: string;
  readonly inMemory: boolean;
  readonly caching: boolean;
  readonly emitsOnClose: boolean;
  readonly retentionMs: number;
  readonly visibleMs: number;
  readonly skipsDeletions: boolean;
  readonly countsExpiredDeletions: boolean;
  readonly keys: (segmentOf: (timeMs: number) => number) => WindowedKeys;
  readonly log: (changelogKey: Uint8Array, value: Uint8Array | null) => void;
}

/** A row of the changelog, as the table keeps it. */
export interface RestoredRow {
  readonly changelogKey: Uint8Array;
  readonly value: Uint8Array | null;
}

export interface OpenedRows {
  readonly rows: WindowedRows;
  readonly cached: CachedRows | undefined;
  /** The rows as of the last commit. */
  committed(): WindowedRows;
  flush(): void;
  endRestore(): void;
  restore(rows: readonly RestoredRow[]): void;
}

/** Opens the table of a windowed store, its index by time and its cache. */
export function openWindowedRows(
  options: WindowedRowsOptions,
  engine: StoreEngine,
  context: StoreContext,
): OpenedRows {
  const { name, inMemory, caching, emitsOnClose, log, skipsDeletions, countsExpiredDeletions } = options;
  const segments = new Segments(options);
  const keys = options.keys((timeMs) => segments.segmentOf(timeMs));
  const stored = new SegmentedRows({
    table: engine.table(name, { inMemory }),
    keys,
    segments,
    log,
    drop: (reason) => context.drop(reason),
    skipsDeletions,
    countsExpiredDeletions,
  });
  const indexName = `${name}:by-time`;
  const index = emitsOnClose
    ? new TimeIndex(engine.table(indexName, { inMemory }), keys, segments)
    : undefined;
  const cached = caching ? new CachedRows(stored, context, { keepsReads: false }) : undefined;
  return {
    rows: new WindowedRows(cached ?? stored, keys, segments, index),
    cached,
    committed() {
      const visible = stored.visible(engine.committed(name, { inMemory }));
      const order = index?.committed(engine.committed(indexName, { inMemory }));
      return new WindowedRows(readOnlyRows(name, visible), keys, segments, order);
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
      stored.restore(rows);
      index?.restore(rows);
    },
  };
}
