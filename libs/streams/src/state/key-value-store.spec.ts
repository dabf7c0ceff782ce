import { describe, expect, it } from '@jest/globals';
import type { ValueAndTimestamp } from '../processor/record.ts';
import { MemoryEngine } from './memory-engine.ts';
import { openStore } from './open-store.ts';
import { text } from './serde.fixture.ts';
import { fakeStoreContext } from './store-context.fake.ts';
import type { KeyValueStoreSpec } from './store-spec.ts';
import type { CachingStore, FlushedChange, KeyValueStore } from './stores.ts';

const counts: KeyValueStoreSpec<string, string> = {
  kind: 'key_value',
  name: 'counts',
  keySerde: text,
  valueSerde: text,
  timestamped: true,
  caching: false,
  logConfigs: {},
  inMemory: false,
};

type Timestamped = KeyValueStore<string, ValueAndTimestamp<string>> & CachingStore<string, string>;

function open({ caching = false, cacheBytesMax = 1_000_000, engine = new MemoryEngine() } = {}) {
  const context = fakeStoreContext({ cacheBytesMax });
  const opened = openStore({ ...counts, caching } as KeyValueStoreSpec, engine, context);
  return { context, engine, opened, store: opened.store as Timestamped };
}

const at = (timestampMs: number, value: string): ValueAndTimestamp<string> => ({ value, timestampMs });

describe('a timestamped key-value store', () => {
  it('returns the value that was put, with its time', () => {
    const { store } = open();
    store.put('a', at(7, 'one'));
    expect(store.get('a')).toEqual({ value: 'one', timestampMs: 7 });
  });

  it('logs the value without its time, in a record that has the time', () => {
    const { store, context } = open();
    store.put('a', at(301_000, '1'));
    expect(context.logged).toEqual(['counts 61=31 at 301000']);
  });

  it('logs a deletion with the time of the record that is processed', () => {
    const { store, context } = open();
    context.at(9);
    store.put('a', null);
    expect(context.logged).toEqual(['counts 61=null at 9']);
  });

  it('restores the value and its time from the changelog, and logs nothing', () => {
    const source = open();
    source.store.put('a', at(5, '1'));
    source.store.put('b', at(6, '2'));
    source.store.delete('a');
    const target = open();
    target.opened.restore(source.context.records);
    expect([...target.store.all()]).toEqual([{ key: 'b', value: at(6, '2') }]);
    expect(target.context.logged).toEqual([]);
  });

  it('iterates in the order of the unsigned bytes of the keys, both ends included', () => {
    const { store } = open();
    for (const key of ['b', 'é', 'aa', 'a', 'c']) store.put(key, at(1, key));
    expect([...store.all()].map(({ key }) => key)).toEqual(['a', 'aa', 'b', 'c', 'é']);
    expect([...store.range('aa', 'c')].map(({ key }) => key)).toEqual(['aa', 'b', 'c']);
    expect([...store.reverseRange('aa', 'b')].map(({ key }) => key)).toEqual(['b', 'aa']);
    expect([...store.prefixScan(Buffer.from('a'))].map(({ key }) => key)).toEqual(['a', 'aa']);
  });

  it('puts only an absent value, and returns the present one', () => {
    const { store, context } = open();
    expect(store.putIfAbsent('a', at(1, 'one'))).toBeNull();
    expect(store.putIfAbsent('a', at(2, 'two'))).toEqual(at(1, 'one'));
    expect(context.logged).toHaveLength(1);
  });

  it('rejects a null key and a key over the limit, and names the store', () => {
    const { store } = open();
    expect(() => store.get(null as unknown as string)).toThrow('The store counts cannot keep a null key.');
    expect(() => store.get('x'.repeat(1_048_577))).toThrow('A key of the store counts has 1048577 bytes');
  });

  it('reports an iterator that is left open, with the store and the node', () => {
    const { store, context } = open();
    store.put('a', at(1, 'one'));
    store.put('b', at(1, 'two'));
    store.all().next();
    expect(() => context.iterators.requireNone('COUNT')).toThrow(
      'COUNT, or a node behind it, has left an iterator over counts open',
    );
    for (const _entry of store.all()) break;
    expect(() => context.iterators.requireNone('COUNT')).not.toThrow();
  });
});

describe('the committed view of a key-value store', () => {
  const viewOf = ({ opened }: ReturnType<typeof open>) => opened.committed() as Timestamped;

  it('T14 has the rows of the last commit, without cached or uncommitted writes', () => {
    const counted = open({ caching: true });
    const view = viewOf(counted);
    counted.store.put('a', at(1, 'one'));
    counted.opened.flush();
    expect(view.get('a')).toBeNull();
    counted.engine.commit(new Map());
    counted.store.put('a', at(2, 'two'));
    expect([...view.all()]).toEqual([{ key: 'a', value: at(1, 'one') }]);
    expect(view.approximateEntryCount()).toBe(1);
  });

  it('has the restored rows as soon as the restore has ended', () => {
    const counted = open();
    counted.opened.restore([{ key: Buffer.from('a'), value: Buffer.from('1'), timestampMs: 5, headers: [] }]);
    counted.opened.endRestore();
    expect(viewOf(counted).get('a')).toEqual(at(5, '1'));
  });

  it('cannot be written', () => {
    expect(() => viewOf(open()).put('a', at(1, 'one'))).toThrow('This is a view of the store counts');
  });

  it('does not count its iterators as left open', () => {
    const counted = open();
    counted.store.put('a', at(1, 'one'));
    counted.engine.commit(new Map());
    viewOf(counted).all().next();
    expect(() => counted.context.iterators.requireNone('COUNT')).not.toThrow();
  });
});

describe('a key-value store with a cache', () => {
  const flushes = (store: Timestamped, sendOldValues: boolean): FlushedChange<string, string>[] => {
    const flushed: FlushedChange<string, string>[] = [];
    expect(store.onFlush((change) => flushed.push(change), sendOldValues)).toBe(true);
    return flushed;
  };

  it('logs and forwards only the last value of a key, at the flush', () => {
    const { store, context, opened } = open({ caching: true });
    const flushed = flushes(store, true);
    store.put('a', at(1, 'one'));
    opened.flush();
    store.put('a', at(2, 'two'));
    store.put('a', at(3, 'three'));
    expect(context.logged).toEqual(['counts 61=6f6e65 at 1']);
    opened.flush();
    expect(context.logged.slice(1)).toEqual(['counts 61=7468726565 at 3']);
    expect(flushed.at(-1)).toEqual({
      key: 'a',
      change: { newValue: 'three', oldValue: 'one', isLatest: true },
      timestampMs: 3,
    });
  });

  it('leaves out the old value if nobody asked for it', () => {
    const { store, opened } = open({ caching: true });
    const flushed = flushes(store, false);
    store.put('a', at(1, 'one'));
    opened.flush();
    store.put('a', at(2, 'two'));
    opened.flush();
    expect(flushed.at(-1)?.change.oldValue).toBeNull();
  });

  it('forwards nothing for a key that was put and deleted between two flushes', () => {
    const { store, context, opened } = open({ caching: true });
    const flushed = flushes(store, true);
    store.put('a', at(1, 'one'));
    store.put('a', null);
    opened.flush();
    expect(flushed).toEqual([]);
    expect(context.logged).toEqual([]);
  });

  it('forwards in the order of the last write of each key, within the context of that write', () => {
    const { store, context, opened } = open({ caching: true });
    const order: string[] = [];
    store.onFlush(({ key }) => order.push(`${key} at offset ${context.recordContext().offset}`), false);
    for (const [time, key] of [
      [1, 'b'],
      [2, 'a'],
      [3, 'b'],
    ] as const) {
      context.at(time);
      store.put(key, at(time, 'x'));
    }
    context.at(9);
    opened.flush();
    expect(order).toEqual(['a at offset 2', 'b at offset 3']);
    expect(context.recordContext().offset).toBe(9n);
  });

  it('reads cached and stored rows as one sorted table', () => {
    const { store, opened } = open({ caching: true });
    for (const key of ['a', 'b', 'd']) store.put(key, at(1, 'old'));
    opened.flush();
    store.put('c', at(2, 'new'));
    store.put('b', null);
    store.put('d', at(2, 'new'));
    const read = ({ key, value }: { key: string; value: ValueAndTimestamp<string> }) =>
      `${key} ${value.value}`;
    expect([...store.all()].map(read)).toEqual(['a old', 'c new', 'd new']);
    expect([...store.reverseAll()].map(read)).toEqual(['d new', 'c new', 'a old']);
  });

  it('has no cache if the cache size of the process is 0', () => {
    const { store, context } = open({ caching: true, cacheBytesMax: 0 });
    expect(store.onFlush(() => undefined, true)).toBe(false);
    store.put('a', at(1, 'one'));
    store.put('unknown', null);
    expect(context.logged).toEqual(['counts 61=6f6e65 at 1', 'counts 756e6b6e6f776e=null at 0']);
  });

  it('keeps rows that it has read, and forgets deletions once they are written', () => {
    const { store, context, opened, engine } = open({ caching: true });
    engine.table('counts').put(Buffer.from('a'), Buffer.from('00000000xyz'));
    store.get('a');
    expect(context.cache.bytes).toBeGreaterThan(0);
    store.put('a', null);
    opened.flush();
    expect(context.cache.bytes).toBe(0);
  });

  it('keeps the value that a listener puts for a key whose deletion it hears of', () => {
    const { store, context, opened } = open({ caching: true });
    store.put('a', at(1, 'one'));
    opened.flush();
    store.onFlush(({ change }) => {
      if (change.newValue === null) store.put('a', at(3, 'again'));
    }, false);
    store.put('a', null);
    opened.flush();
    expect(store.get('a')).toEqual(at(3, 'again'));
    opened.flush();
    expect(context.logged.at(-1)).toBe('counts 61=616761696e at 3');
  });

  it('drops its entries when the store is closed, and frees their room', () => {
    const { store, context, opened } = open({ caching: true });
    store.put('a', at(1, 'one'));
    opened.close();
    opened.flush();
    expect(context.logged).toEqual([]);
    expect(context.cache.bytes).toBe(0);
  });

  it('evicts the least recently used entry, and flushes all dirty entries with it', () => {
    const { store, context } = open({ caching: true, cacheBytesMax: 130 });
    store.put('a', at(1, 'x'));
    store.put('b', at(1, 'x'));
    expect(context.logged).toEqual([]);
    store.put('c', at(1, 'x'));
    expect(context.logged).toEqual(['counts 61=78 at 1', 'counts 62=78 at 1', 'counts 63=78 at 1']);
  });
});
