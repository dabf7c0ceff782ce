import { describe, expect, it } from '@jest/globals';
import type { ValueAndTimestamp } from '../processor/record.ts';
import type { Windowed } from '../processor/windows.ts';
import { MemoryEngine } from './memory-engine.ts';
import { openStore } from './open-store.ts';
import { fakeStoreContext } from './store-context.fake.ts';
import type { StoreSpec, WindowStoreSpec } from './store-spec.ts';
import { MINUTE_MS, windowSpec } from './window-spec.fixture.ts';
import type { CachingStore, Entry, FlushedChange, WindowStore } from './stores.ts';

function open<S = string>(spec: Partial<WindowStoreSpec<string, string>> = {}, engine = new MemoryEngine()) {
  const context = fakeStoreContext();
  const opened = openStore(windowSpec({ name: 'clicks', ...spec }) as StoreSpec, engine, context);
  return {
    context,
    engine,
    opened,
    store: opened.store as WindowStore<string, S> & CachingStore<Windowed<string>, string>,
  };
}

const described = (entries: Iterable<Entry<Windowed<string>, string>>): string[] =>
  [...entries].map(({ key, value }) => `${key.key}@${key.window.startMs / MINUTE_MS}=${value}`);

describe('a window store', () => {
  it('returns the values of a key by the start of their windows, both ends included', () => {
    const { store } = open();
    for (const minute of [0, 1, 2, 3]) store.put('a', `v${minute}`, minute * MINUTE_MS);
    store.put('ab', 'other', MINUTE_MS);
    expect(store.fetch('a', MINUTE_MS)).toBe('v1');
    const values = [...store.fetchRange('a', MINUTE_MS, 2 * MINUTE_MS)].map(({ value }) => value);
    expect(values).toEqual(['v1', 'v2']);
    const backwards = [...store.backwardFetchRange('a', 0, 3 * MINUTE_MS)].map(({ value }) => value);
    expect(backwards).toEqual(['v3', 'v2', 'v1', 'v0']);
  });

  it('logs key, int64 start and int32 sequence, with the time of the record', () => {
    const { store, context } = open();
    context.at(301_000);
    store.put('k', '1', 300_000);
    expect(context.logged).toEqual(['clicks 6b00000000000493e000000000=31 at 301000']);
  });

  it('logs the value without its time, in a record that has the time', () => {
    const { store, context } = open<ValueAndTimestamp<string>>({ timestamped: true });
    store.put('k', { value: '1', timestampMs: 300_500 }, 300_000);
    expect(context.logged).toEqual(['clicks 6b00000000000493e000000000=31 at 300500']);
    expect(store.fetch('k', 300_000)).toEqual({ value: '1', timestampMs: 300_500 });
  });

  it('orders rows by segment, and within it by key', () => {
    const { store } = open();
    for (const [key, minute] of [
      ['b', 0],
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ] as const) {
      store.put(key, 'x', minute * MINUTE_MS);
    }
    expect(described(store.all())).toEqual(['a@1=x', 'b@0=x', 'a@3=x', 'b@2=x']);
    expect(described(store.fetchAll(MINUTE_MS, 2 * MINUTE_MS))).toEqual(['a@1=x', 'b@2=x']);
    expect(described(store.fetchKeys('b', undefined, 0, 9 * MINUTE_MS))).toEqual(['b@0=x', 'b@2=x']);
    expect(described(store.fetchKeys(undefined, 'a', 0, 9 * MINUTE_MS))).toEqual(['a@1=x', 'a@3=x']);
  });

  it('distinguishes a key from a shorter one of which it looks like a window', () => {
    const { store } = open();
    const longer = `a${'\0'.repeat(6)}`;
    store.put('a', 'x', 2 * MINUTE_MS);
    store.put(longer, 'y', 0);
    store.put(`${longer}\0\0`, 'z', 0);
    expect([...store.fetchRange('a', 0, 9 * MINUTE_MS)].map(({ value }) => value)).toEqual(['x']);
    const upTo = [...store.fetchKeys(undefined, longer, 0, 9 * MINUTE_MS)].map(({ value }) => value);
    expect(upTo).toEqual(['y', 'x']);
  });

  it('orders rows by time first if results are sent at window close', () => {
    const { store } = open({ emitsOnClose: true });
    for (const [key, minute] of [
      ['b', 0],
      ['a', 1],
      ['c', 0],
      ['a', 3],
    ] as const) {
      store.put(key, 'x', minute * MINUTE_MS);
    }
    store.put('c', null, 0);
    expect(described(store.fetchAll(0, MINUTE_MS))).toEqual(['b@0=x', 'a@1=x']);
  });

  it('hides what is older than the retention time, to the millisecond', () => {
    const { store } = open();
    store.put('a', 'first', 0);
    store.put('a', 'later', 4 * MINUTE_MS - 1);
    expect(store.fetch('a', 0)).toBe('first');
    store.put('a', 'last', 4 * MINUTE_MS);
    expect(store.fetch('a', 0)).toBeNull();
    expect([...store.fetchRange('a', 0, MINUTE_MS)]).toEqual([]);
    expect(described(store.all())).toEqual([`a@${(4 * MINUTE_MS - 1) / MINUTE_MS}=later`, 'a@4=last']);
  });

  it('shows a window one millisecond longer if results are sent at window close', () => {
    const { store } = open({ emitsOnClose: true });
    store.put('a', 'first', 0);
    store.put('a', 'last', 4 * MINUTE_MS);
    expect(store.fetch('a', 0)).toBe('first');
    store.put('a', 'last', 4 * MINUTE_MS + 1);
    expect(store.fetch('a', 0)).toBeNull();
  });

  it('drops and counts a put in an expired segment, but logs it', () => {
    const { store, context } = open();
    store.put('a', 'new', 6 * MINUTE_MS);
    store.put('a', 'late but live', 2 * MINUTE_MS);
    expect(context.dropped).toEqual([]);
    store.put('a', 'late', 2 * MINUTE_MS - 1);
    expect(context.dropped).toEqual(['expired_window']);
    expect(context.logged).toHaveLength(3);
  });

  it('deletes expired rows at the flush', () => {
    const { store, opened, engine } = open();
    store.put('a', 'old', 0);
    store.put('a', 'new', 8 * MINUTE_MS);
    const table = engine.table('clicks');
    expect(table.count()).toBe(2);
    opened.flush();
    expect(table.count()).toBe(1);
  });

  it('keeps duplicates in the order of their puts, and logs deletions that change nothing', () => {
    const { store, context } = open({ retainDuplicates: true });
    store.put('a', 'one', 0);
    store.put('a', null, 0);
    store.put('a', 'two', 0);
    expect([...store.fetchRange('a', 0, 0)].map(({ value }) => value)).toEqual(['one', 'two']);
    const sequences = context.records.map(({ key }) => Buffer.from(key).readInt32BE(key.length - 4));
    expect(sequences).toEqual([1, 2, 3]);
  });

  it('restores live windows from the changelog and leaves expired ones out', () => {
    const source = open<ValueAndTimestamp<string>>({ timestamped: true });
    for (const minute of [0, 1, 9]) {
      source.store.put('a', { value: `v${minute}`, timestampMs: minute * MINUTE_MS + 5 }, minute * MINUTE_MS);
    }
    const target = open<ValueAndTimestamp<string>>({ timestamped: true });
    target.opened.restore(source.context.records);
    expect([...target.store.all()].map(({ value }) => value)).toEqual([
      { value: 'v9', timestampMs: 9 * MINUTE_MS + 5 },
    ]);
    expect(target.engine.table('clicks').count()).toBe(1);
  });

  it('deletes expired windows while it restores, as a standby task does forever', () => {
    const source = open({ emitsOnClose: true });
    for (const minute of [0, 1, 60]) source.store.put('a', 'x', minute * MINUTE_MS);
    const { opened, engine } = open({ emitsOnClose: true });
    for (const record of source.context.records) opened.restore([record]);
    expect(engine.table('clicks').count()).toBe(1);
    expect(engine.table('clicks:by-time').count()).toBe(1);
  });

  it('orders restored windows by time, too, and finds no deleted one', () => {
    const source = open({ emitsOnClose: true });
    source.store.put('b', 'x', MINUTE_MS);
    source.store.put('a', 'x', 2 * MINUTE_MS);
    source.store.put('c', 'x', 0);
    source.store.put('c', null, 0);
    const { store, opened } = open({ emitsOnClose: true });
    opened.restore(source.context.records);
    opened.endRestore();
    expect(described(store.fetchAll(0, 2 * MINUTE_MS))).toEqual(['b@1=x', 'a@2=x']);
  });

  it('finds its rows when it is opened over a table with rows', () => {
    const { store, engine } = open();
    store.put('a', 'x', 5 * MINUTE_MS);
    store.put('a', 'x', 7 * MINUTE_MS);
    expect(described(open({}, engine).store.all())).toEqual(['a@5=x', 'a@7=x']);
  });

  it('accepts no write older than the rows of a table that is opened again', () => {
    const { store, engine } = open();
    store.put('a', 'x', 20 * MINUTE_MS);
    const again = open({}, engine);
    again.store.put('a', 'late', 15 * MINUTE_MS);
    expect(again.context.dropped).toEqual(['expired_window']);
    expect(described(again.store.all())).toEqual(['a@20=x']);
  });
});

describe('the committed view of a window store', () => {
  it.each([{ emitsOnClose: false }, { emitsOnClose: true }])(
    'has the windows of the last commit (%j)',
    (spec) => {
      const { store, opened, engine } = open({ caching: true, ...spec });
      const view = opened.committed() as typeof store;
      store.put('b', 'one', 0);
      store.put('a', 'one', MINUTE_MS);
      opened.flush();
      engine.commit(new Map());
      store.put('b', 'two', 0);
      opened.flush();
      const order = spec.emitsOnClose ? ['b@0=one', 'a@1=one'] : ['a@1=one', 'b@0=one'];
      expect(described(view.all())).toEqual(order);
      expect(view.fetch('b', 0)).toBe('one');
    },
  );

  it('hides what is older than the retention time', () => {
    const { store, opened, engine } = open();
    store.put('a', 'old', 0);
    store.put('a', 'new', 5 * MINUTE_MS);
    engine.commit(new Map());
    const view = opened.committed() as typeof store;
    expect(view.fetch('a', 0)).toBeNull();
    expect(described(view.all())).toEqual(['a@5=new']);
  });
});

describe('a window store with a cache', () => {
  it('reads cached and stored windows as one store', () => {
    const { store, opened } = open({ caching: true });
    store.put('a', 'stored', 0);
    store.put('b', 'stored', 3 * MINUTE_MS);
    opened.flush();
    store.put('a', 'cached', MINUTE_MS);
    store.put('b', null, 3 * MINUTE_MS);
    expect(described(store.all())).toEqual(['a@0=stored', 'a@1=cached']);
    expect([...store.backwardFetchRange('a', 0, MINUTE_MS)].map(({ value }) => value)).toEqual([
      'cached',
      'stored',
    ]);
  });

  it('forwards the window with its new and old value', () => {
    const { store, opened } = open({ caching: true });
    const flushed: FlushedChange<Windowed<string>, string>[] = [];
    store.onFlush((change) => flushed.push(change), true);
    store.put('a', 'one', MINUTE_MS);
    opened.flush();
    store.put('a', 'two', MINUTE_MS);
    opened.flush();
    expect(flushed.at(-1)).toEqual({
      key: { key: 'a', window: { startMs: MINUTE_MS, endMs: 2 * MINUTE_MS } },
      change: { newValue: 'two', oldValue: 'one', isLatest: true },
      timestampMs: 0,
    });
  });

  it('orders cached and stored windows by time if results are sent at window close', () => {
    const { store, opened } = open({ caching: true, emitsOnClose: true });
    store.put('b', 'stored', MINUTE_MS);
    opened.flush();
    store.put('a', 'cached', 2 * MINUTE_MS);
    store.put('c', 'cached', 0);
    expect(described(store.fetchAll(0, 2 * MINUTE_MS))).toEqual(['c@0=cached', 'b@1=stored', 'a@2=cached']);
  });

  it('counts an expired window when it is flushed', () => {
    const { store, opened, context } = open({ caching: true });
    store.put('a', 'new', 8 * MINUTE_MS);
    store.put('a', 'late', 0);
    expect(context.dropped).toEqual([]);
    opened.flush();
    expect(context.dropped).toEqual(['expired_window']);
  });
});
