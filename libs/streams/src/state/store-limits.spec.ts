import { describe, expect, it } from '@jest/globals';
import { serdes } from '../serdes/serdes.ts';
import { MemoryEngine } from './memory-engine.ts';
import { openStore } from './open-store.ts';
import { fakeStoreContext } from './store-context.fake.ts';
import { defaultStoreLimits } from './store-limits.ts';
import type { StoreSpec } from './store-spec.ts';
import type { KeyValueStore, SessionStore, SuppressBuffer, WindowStore } from './stores.ts';

const text = serdes.string;
const change = { newValue: 'v', oldValue: null, isLatest: true };
const origin = { topic: 's', partition: 0, offset: 0n, timestampMs: 0, headers: [] };

const bufferOf = (name: string, hasOwnLimits: boolean): StoreSpec => ({
  kind: 'suppress_buffer',
  name,
  keySerde: text,
  valueSerde: text,
  logConfigs: {},
  hasOwnLimits,
});

const common = {
  name: 's',
  keySerde: text,
  valueSerde: text,
  caching: true,
  logConfigs: {},
  inMemory: false,
};
const windowed = { ...common, retentionMs: 100, emitsOnClose: false };
const stores: readonly [StoreSpec, (store: unknown, key: string) => void][] = [
  [
    { ...common, kind: 'key_value', timestamped: false },
    (store, key) => (store as KeyValueStore<string, string>).put(key, 'v'),
  ],
  [
    { ...windowed, kind: 'window', timestamped: false, windowSizeMs: 10, retainDuplicates: false },
    (store, key) => (store as WindowStore<string, string>).put(key, 'v', 0),
  ],
  [
    { ...windowed, kind: 'session' },
    (store, key) =>
      (store as SessionStore<string, string>).put({ key, window: { startMs: 0, endMs: 0 } }, 'v'),
  ],
  [
    bufferOf('s', true),
    (store, key) => (store as SuppressBuffer<string, string>).put(0, key, change, origin),
  ],
];

describe('the longest key of a store', () => {
  it.each(stores.map(([spec, put]) => [spec.kind, spec, put] as const))(
    'is refused above the limit, to the byte, before anything is written: %s',
    (_kind, spec, put) => {
      const context = fakeStoreContext({ limits: { ...defaultStoreLimits, storeKeyBytesMax: 4 } });
      const opened = openStore(spec, new MemoryEngine(), context);

      expect(() => put(opened.store, '12345')).toThrow(
        'A key of the store s has 5 bytes. The limit is 4: use a hash or an id of it as the key, or raise storeKeyBytesMax.',
      );
      opened.flush();
      expect(context.records).toEqual([]);

      put(opened.store, '1234');
      opened.flush();
      expect(context.records).toHaveLength(1);
    },
  );
});

describe('the buffers of suppress of a task', () => {
  function twoBuffers(suppressBytesMax: number) {
    const context = fakeStoreContext({ limits: { ...defaultStoreLimits, suppressBytesMax } });
    const engine = new MemoryEngine();
    const open = (name: string, hasOwnLimits = false) =>
      openStore(bufferOf(name, hasOwnLimits), engine, context).store as SuppressBuffer<string, string>;
    return { one: open('one'), other: open('other'), own: open('own', true), context, engine };
  }
  /**
   * The bytes of an update: 900 in memory, and 31 as in Kafka Streams: 8 for the time, 1 each for
   * key and value, 21 for the record.
   */
  const updateBytes = 931;

  it('share a limit, whose error names the store, the setting and the remedy', () => {
    const { one, other, own } = twoBuffers(2 * updateBytes);
    one.put(0, 'a', change, origin);
    other.put(0, 'b', change, origin);
    own.put(0, 'c', change, origin);
    for (const buffer of [one, other, own]) expect(() => buffer.requireRoom()).not.toThrow();

    other.put(0, 'c', change, origin);

    expect(() => other.requireRoom()).toThrow(
      'The store other got an update for which the buffers of suppress in this task have no room: they take ' +
        'about 2793 bytes, and suppressBytesMax is 1862. Raise it, or give suppress(...) a shorter time or limits of its own',
    );
    expect(() => own.requireRoom()).not.toThrow();
    one.takeEarliest(() => undefined);
    expect(() => other.requireRoom()).not.toThrow();
  });

  it('obey it while they are restored', () => {
    const context = fakeStoreContext();
    const source = openStore(bufferOf('one', false), new MemoryEngine(), context);
    for (const key of ['a', 'b'])
      (source.store as SuppressBuffer<string, string>).put(0, key, change, origin);
    source.flush();
    const limits = { ...defaultStoreLimits, suppressBytesMax: updateBytes };
    const restored = openStore(bufferOf('one', false), new MemoryEngine(), fakeStoreContext({ limits }));

    expect(() => restored.restore(context.records)).toThrow('suppressBytesMax is 931');
  });
});
