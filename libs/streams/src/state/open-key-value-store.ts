import { CachedRows, type FlushListener } from './cached-rows.ts';
import { storeKeys } from './store-keys.ts';
import { TypedKeyValueStore } from './key-value-store.ts';
import { LoggedRows } from './logged-rows.ts';
import { OpenIterators } from './open-iterators.ts';
import { readOnlyRows } from './read-only-rows.ts';
import type { OpenedStore, StoreContext } from './store-context.ts';
import type { BytesTable, ReadableRows, Rows, StoreEngine } from './store-engine.ts';
import type { KeyValueStoreSpec } from './store-spec.ts';
import { plainValues, timestampedValues, type ValueCodec } from './value-codec.ts';

/** Opens a key-value store. Its changelog has the keys of its table. */
export function openKeyValueStore(
  spec: KeyValueStoreSpec,
  engine: StoreEngine,
  context: StoreContext,
): OpenedStore {
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
    onFlush: cached && ((listener: FlushListener) => cached.onFlush(listener)),
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
