import { CachedRows } from './cached-rows.ts';
import { storeKeys } from './key-codec.ts';
import { TypedKeyValueStore } from './key-value-store.ts';
import { OpenIterators } from './open-iterators.ts';
import { openWindowStore } from './open-window-store.ts';
import { openedOver, openWindowedRows } from './open-windowed-rows.ts';
import { sessionKeys } from './windowed-keys.ts';
import { TypedSessionStore } from './session-store.ts';
import type { OpenedStore, StoreContext } from './store-context.ts';
import {
  type StoreEngine,
  type BytesTable,
  type ReadableRows,
  type Rows,
  type KeyRange,
  type Row,
  readOnlyRows,
} from './store-engine.ts';
import type { StoreSpec, KeyValueStoreSpec, SessionStoreSpec } from './store-spec.ts';
import type { StateStore } from '../processor/processor.ts';
import { openSuppressBuffer } from './suppress-buffer.ts';
import { plainValues, timestampedValues, type ValueCodec } from './value-codec.ts';

/**
 * Opens a store over its table in the engine. After a rollback of the engine it must be opened
 * again, since it keeps its own times and cached rows. A store has no cache if the shared cache is
 * off, as in Kafka Streams.
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

/** Opens a key-value store. Its changelog has the same keys as its table. */
function openKeyValueStore(spec: KeyValueStoreSpec, engine: StoreEngine, context: StoreContext): OpenedStore {
  const topic = context.changelogTopic(spec.name);
  return spec.timestamped
    ? open(spec, engine, context, timestampedValues(spec.valueSerde, topic))
    : open(spec, engine, context, plainValues(spec.valueSerde, topic));
}

function open<S, V>(
  spec: KeyValueStoreSpec,
  engine: StoreEngine,
  context: StoreContext,
  values: ValueCodec<S, V>,
): OpenedStore {
  const table = engine.table(spec.name, { inMemory: spec.inMemory });
  const stored = spec.logConfigs === undefined ? table : logged(spec, table, values, context);
  const cached = spec.caching ? new CachedRows(stored, context, { keepsReads: true }) : undefined;
  const parts = {
    name: spec.name,
    keys: storeKeys(spec, context),
    values,
    rows: cached ?? stored,
    iterators: context.iterators,
    count: () => table.count(),
    cached,
  };
  const view = (rows: ReadableRows, { count }: Pick<BytesTable, 'count'>) =>
    new TypedKeyValueStore({
      ...parts,
      rows: readOnlyRows(spec.name, rows),
      count,
      iterators: new OpenIterators(),
    });
  return {
    store: new TypedKeyValueStore(parts),
    committed() {
      const rows = engine.committed(spec.name, { inMemory: spec.inMemory });
      return view(rows, { count: () => rows.count() });
    },
    latest: () => view(cached?.forQueries() ?? stored, { count: () => table.count() }),
    endRestore: () => table.endRestore(),
    flush: () => cached?.flush(),
    close: () => cached?.clear(),
    restore: (records) => {
      table.restore(records.map((record) => ({ key: record.key, value: values.restored(record) })));
    },
  };
}

const logged = <S, V>(
  { name, logsHeaders = false }: KeyValueStoreSpec,
  table: Rows,
  values: ValueCodec<S, V>,
  context: StoreContext,
): Rows =>
  new LoggedRows(table, (key, value) => {
    const record = context.recordContext();
    const { value: loggedValue, timestampMs } = values.logged(value, record.timestampMs);
    context.log(name, { key, value: loggedValue, timestampMs, headers: logsHeaders ? record.headers : [] });
  });

/** Rows whose writes also go to the changelog. */
class LoggedRows implements Rows {
  readonly #table: Rows;
  readonly #log: (key: Uint8Array, value: Uint8Array | null) => void;

  constructor(table: Rows, log: (key: Uint8Array, value: Uint8Array | null) => void) {
    this.#table = table;
    this.#log = log;
  }

  get(key: Uint8Array): Uint8Array | null {
    return this.#table.get(key);
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.#table.put(key, value);
    this.#log(key, value);
  }

  rows(range: KeyRange, reverse: boolean): IterableIterator<Row> {
    return this.#table.rows(range, reverse);
  }
}

/** Opens a session store. Its values have no times: a session's time is its end. */
function openSessionStore(spec: SessionStoreSpec, engine: StoreEngine, context: StoreContext): OpenedStore {
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
  const parts = {
    name: spec.name,
    keys: storeKeys(spec, context),
    values,
    cached: opened.cached,
  };
  return openedOver(opened, context, {
    newStore: (rows, iterators) => new TypedSessionStore({ ...parts, rows, iterators }),
    restored: ({ value }) => value,
  });
}
