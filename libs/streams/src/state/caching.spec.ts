import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import type { Windowed } from '../processor/windows.ts';
import { MemoryEngine } from './memory-engine.ts';
import { openStore } from './open-store.ts';
import { text } from './serde.fixture.ts';
import { fakeStoreContext } from './store-context.fake.ts';
import type { StoreSpec } from './store-spec.ts';
import type { CachingStore, KeyValueStore, SessionStore, WindowStore } from './stores.ts';

const MINUTE_MS = 60_000;

const common = { keySerde: text, valueSerde: text, logConfigs: {}, inMemory: false, timestamped: false };
const windowed = { retentionMs: 100 * MINUTE_MS, windowSizeMs: MINUTE_MS, retainDuplicates: false };

/** Opens a store twice: with a cache of this many bytes, and without one. */
function openBoth(spec: Record<string, unknown>, cacheBytesMax: number) {
  const open = (caching: boolean) => {
    const context = fakeStoreContext({ cacheBytesMax });
    const declared = { ...common, ...windowed, ...spec, name: 'store', caching } as unknown as StoreSpec;
    const opened = openStore(declared, new MemoryEngine(), context);
    return { context, opened, store: opened.store };
  };
  return { cached: open(true), plain: open(false) };
}

interface Write {
  readonly key: string;
  readonly minute: number;
  readonly value: string | null;
  readonly flush: boolean;
}

const writes = fc.array(
  fc.record<Write>({
    key: fc.constantFrom('a', 'ab', 'b'),
    minute: fc.nat(3),
    value: fc.option(fc.constantFrom('x', 'y')),
    flush: fc.boolean(),
  }),
  { maxLength: 30 },
);

const cacheSizes = fc.constantFrom(1, 150, 100_000);

const sessionOf = ({ key, minute }: Write): Windowed<string> => ({
  key,
  window: { startMs: minute * MINUTE_MS, endMs: (minute + 2) * MINUTE_MS },
});

/** For each kind of store, a function that writes to it and one that reads all of it. */
const kinds = {
  key_value: {
    write: (store: unknown, { key, value }: Write) =>
      (store as KeyValueStore<string, string>).put(key, value),
    read(store: unknown) {
      const rows = store as KeyValueStore<string, string>;
      return [...rows.all()].concat([...rows.reverseAll()], [...rows.range('ab', 'b')]);
    },
  },
  window: {
    write: (store: unknown, { key, value, minute }: Write) =>
      (store as WindowStore<string, string>).put(key, value, minute * MINUTE_MS),
    read(store: unknown) {
      const rows = store as WindowStore<string, string>;
      const windows = [...rows.all()].concat([...rows.fetchAll(MINUTE_MS, 2 * MINUTE_MS)]);
      const ofOneKey = [
        ...rows.fetchRange('a', 0, 2 * MINUTE_MS),
        ...rows.backwardFetchRange('ab', 0, 9 * MINUTE_MS),
      ];
      return { windows, ofOneKey };
    },
  },
  session: {
    write: (store: unknown, write: Write) =>
      (store as SessionStore<string, string>).put(sessionOf(write), write.value),
    read: (store: unknown) =>
      ['a', 'ab', 'b'].map((key) => [...(store as SessionStore<string, string>).fetch(key)]),
  },
};

describe('a store with a cache', () => {
  it.each([
    ['key_value', { kind: 'key_value' }],
    ['window', { kind: 'window', emitsOnClose: false }],
    ['window', { kind: 'window', emitsOnClose: true }],
    ['session', { kind: 'session', emitsOnClose: false }],
  ] as const)('reads the same rows as one without, and finally logs the same rows: %s', (kind, spec) => {
    const { write, read } = kinds[kind];
    fc.assert(
      fc.property(writes, cacheSizes, (sequence, cacheBytesMax) => {
        const { cached, plain } = openBoth(spec, cacheBytesMax);
        for (const each of sequence) {
          write(cached.store, each);
          write(plain.store, each);
          expect(read(cached.store)).toEqual(read(plain.store));
          if (each.flush) cached.opened.flush();
        }
        cached.opened.flush();
        const rows = (target: typeof plain) => {
          const restored = openBoth(spec, 1).plain;
          restored.opened.restore(target.context.records);
          return read(restored.store);
        };
        expect(rows(cached)).toEqual(rows(plain));
      }),
      { numRuns: 60 },
    );
  });

  it('forwards changes whose old value is the previous new one', () => {
    fc.assert(
      fc.property(writes, cacheSizes, (sequence, cacheBytesMax) => {
        const { cached } = openBoth({ kind: 'key_value' }, cacheBytesMax);
        const store = cached.store as KeyValueStore<string, string> & CachingStore<string, string>;
        const downstream = new Map<string, string | null>();
        store.onFlush(({ key, change: { oldValue, newValue } }) => {
          expect(oldValue).toBe(downstream.get(key) ?? null);
          downstream.set(key, newValue);
        }, true);
        for (const { key, value, flush } of sequence) {
          store.put(key, value);
          if (flush) cached.opened.flush();
        }
        cached.opened.flush();
        for (const key of ['a', 'ab', 'b']) expect(downstream.get(key) ?? null).toBe(store.get(key));
        expect(cached.context.cache.bytes).toBeLessThanOrEqual(cacheBytesMax);
      }),
      { numRuns: 60 },
    );
  });
});
