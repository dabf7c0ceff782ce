import { describe, expect, it } from '@jest/globals';
import { serdes } from '../serdes/serdes.ts';
import { MemoryEngine } from './memory-engine.ts';
import { openStore } from './open-store.ts';
import { fakeStoreContext } from './store-context.fake.ts';
import type { StoreSpec } from './store-spec.ts';
import type { KeyValueStore, SessionStore, WindowStore } from './stores.ts';

type Text = string | null;

/** Puts a value under the key `k`, and reads the store's value of it. */
interface Access {
  put(store: unknown, value: Text): void;
  read(store: unknown): readonly Text[];
}

const session = { key: 'k', window: { startMs: 0, endMs: 5 } };
const access: Readonly<Record<string, Access>> = {
  key_value: {
    put: (store, value) => (store as KeyValueStore<string, string>).put('k', value),
    read: (store) => {
      const all = store as KeyValueStore<string, string>;
      return [all.get('k'), ...[...all.all()].map(({ value }) => value)];
    },
  },
  window: {
    put: (store, value) => (store as WindowStore<string, string>).put('k', value, 0),
    read: (store) => {
      const all = store as WindowStore<string, string>;
      return [all.fetch('k', 0), ...[...all.fetchAll(0, 5)].map(({ value }) => value)];
    },
  },
  session: {
    put: (store, value) => (store as SessionStore<string, string>).put(session, value),
    read: (store) => {
      const all = store as SessionStore<string, string>;
      return [all.fetchSession('k', 0, 5), ...[...all.findSessionsEnding(0, 5)].map(({ value }) => value)];
    },
  },
};

const specOf = (kind: string, caching: boolean): StoreSpec =>
  ({
    kind,
    name: 's',
    keySerde: serdes.string,
    valueSerde: serdes.string,
    caching,
    logConfigs: {},
    inMemory: false,
    timestamped: false,
    retentionMs: 100,
    windowSizeMs: 10,
    retainDuplicates: false,
    emitsOnClose: true,
  }) as StoreSpec;

const kinds = Object.keys(access).flatMap((kind) => [true, false].map((caching) => [kind, caching] as const));

describe('the latest view of a store', () => {
  it.each(kinds)('has uncommitted rows, with the cache on top: %s, caching %s', (kind, caching) => {
    const { put, read } = access[kind]!;
    const engine = new MemoryEngine();
    const opened = openStore(specOf(kind, caching), engine, fakeStoreContext());
    put(opened.store, 'old');
    opened.flush();
    engine.commit(new Map());

    put(opened.store, 'new');
    expect(read(opened.latest())).toEqual(['new', 'new']);
    expect(read(opened.committed())).toEqual(['old', 'old']);
    put(opened.store, null);
    expect(read(opened.latest())).toEqual([null]);

    engine.rollback();
    const reopened = openStore(specOf(kind, caching), engine, fakeStoreContext());
    expect(read(reopened.latest())).toEqual(['old', 'old']);
  });

  it.each(kinds)('cannot be written: %s, caching %s', (kind, caching) => {
    const { put, read } = access[kind]!;
    const opened = openStore(specOf(kind, caching), new MemoryEngine(), fakeStoreContext());

    expect(() => put(opened.latest(), 'x')).toThrow('a view of the store s');
    expect(read(opened.latest())).toEqual([null]);
  });

  it('may leave iterators open without blaming a node', () => {
    const context = fakeStoreContext();
    const opened = openStore(specOf('key_value', true), new MemoryEngine(), context);
    access.key_value!.put(opened.store, 'x');

    (opened.latest() as KeyValueStore<string, string>).all().next();

    expect(() => context.iterators.requireNone('A node')).not.toThrow();
  });

  it('does not influence what the cache evicts next', () => {
    const evictedAfter = (query: (store: KeyValueStore<string, string>) => unknown) => {
      const context = fakeStoreContext({ cacheBytesMax: 150 });
      const opened = openStore(specOf('key_value', true), new MemoryEngine(), context);
      const store = opened.store as KeyValueStore<string, string>;
      store.put('a', '1');
      store.put('b', '2');
      query(opened.latest() as KeyValueStore<string, string>);
      store.put('c', '3');
      return context.logged[0];
    };

    expect(evictedAfter(() => undefined)).toContain('s 61=31');
    expect(evictedAfter((store) => store.get('a'))).toContain('s 61=31');
    expect(evictedAfter((store) => [...store.all()])).toContain('s 61=31');
  });
});
