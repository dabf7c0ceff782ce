import { describe, expect, it } from '@jest/globals';
import type { Windowed } from '../processor/windows.ts';
import { MemoryEngine } from './memory-engine.ts';
import { openStore } from './open-store.ts';
import { text } from './serde.fixture.ts';
import { fakeStoreContext } from './store-context.fake.ts';
import type { SessionStoreSpec, StoreSpec } from './store-spec.ts';
import type { CachingStore, Entry, SessionStore } from './stores.ts';

const MINUTE_MS = 60_000;

const visits: SessionStoreSpec<string, string> = {
  kind: 'session',
  name: 'visits',
  keySerde: text,
  valueSerde: text,
  caching: false,
  logConfigs: {},
  inMemory: false,
  retentionMs: 4 * MINUTE_MS,
  emitsOnClose: false,
};

function open(spec: Partial<SessionStoreSpec<string, string>> = {}, engine = new MemoryEngine()) {
  const context = fakeStoreContext();
  const opened = openStore({ ...visits, ...spec } as StoreSpec, engine, context);
  return {
    context,
    opened,
    store: opened.store as SessionStore<string, string> & CachingStore<Windowed<string>, string>,
  };
}

const session = (key: string, start: number, end: number): Windowed<string> => ({
  key,
  window: { startMs: start * MINUTE_MS, endMs: end * MINUTE_MS },
});

const described = (entries: Iterable<Entry<Windowed<string>, string>>): string[] =>
  [...entries].map(
    ({ key: { key, window }, value }) =>
      `${key}@${window.startMs / MINUTE_MS}-${window.endMs / MINUTE_MS}=${value}`,
  );

describe('a session store', () => {
  it('logs key, int64 end and int64 start', () => {
    const { store, context } = open();
    context.at(301_000);
    store.put({ key: 'k', window: { startMs: 300_000, endMs: 301_000 } }, '1');
    expect(context.logged).toEqual(['visits 6b00000000000497c800000000000493e0=31 at 301000']);
  });

  it('finds the sessions of a key that overlap a span, by their end', () => {
    const { store } = open();
    store.put(session('a', 0, 0), 'w');
    store.put(session('a', 1, 2), 'x');
    store.put(session('a', 3, 3), 'y');
    store.put(session('aa', 1, 2), 'other');
    expect(described(store.findSessions('a', 2 * MINUTE_MS, 3 * MINUTE_MS))).toEqual(['a@1-2=x', 'a@3-3=y']);
    expect(described(store.findSessions('a', 0, 2 * MINUTE_MS))).toEqual(['a@0-0=w', 'a@1-2=x']);
    expect(described(store.fetch('a'))).toEqual(['a@0-0=w', 'a@1-2=x', 'a@3-3=y']);
    expect(store.fetchSession('a', MINUTE_MS, 2 * MINUTE_MS)).toBe('x');
  });

  it('removes a session and logs a tombstone', () => {
    const { store, context } = open();
    store.put(session('a', 0, 1), 'x');
    store.remove(session('a', 0, 1));
    expect(store.fetchSession('a', 0, MINUTE_MS)).toBeNull();
    expect(context.logged.at(-1)).toMatch(/=null at 0$/);
  });

  it('hides sessions whose end is older than the retention time', () => {
    const { store } = open();
    store.put(session('a', 0, 1), 'x');
    store.put(session('b', 5, 5), 'y');
    expect(described(store.fetch('a'))).toEqual([]);
    expect(store.fetchSession('a', 0, MINUTE_MS)).toBeNull();
  });

  it('counts a put in an expired segment as dropped, but not a removal', () => {
    const { store, context } = open();
    store.put(session('a', 8, 8), 'x');
    store.remove(session('a', 0, 0));
    expect(context.dropped).toEqual([]);
    store.put(session('a', 0, 0), 'x');
    expect(context.dropped).toEqual(['expired_window']);
  });

  it('finds sessions of all keys by end, start and key, including those too old for other calls', () => {
    const { store } = open({ emitsOnClose: true });
    store.put(session('b', 1, 2), 'x');
    store.put(session('a', 1, 2), 'x');
    store.put(session('c', 0, 2), 'x');
    store.put(session('d', 6, 6), 'x');
    expect(described(store.findSessionsEnding(0, 5 * MINUTE_MS))).toEqual(['c@0-2=x', 'a@1-2=x', 'b@1-2=x']);
    expect(described(store.fetch('a'))).toEqual([]);
  });

  it('finds no session of an expired segment by its end, even if it has not been deleted yet', () => {
    const { store } = open({ emitsOnClose: true });
    store.put(session('a', 0, 1), 'x');
    store.put(session('a', 60, 60), 'y');
    expect(described(store.findSessionsEnding(0, 60 * MINUTE_MS))).toEqual(['a@60-60=y']);
  });

  it('distinguishes a key from a shorter one of which it looks like a session', () => {
    const { store } = open();
    store.put(session('a', 0, 1), 'x');
    store.put(session(`a${'\0'.repeat(8)}`, 0, 1), 'y');
    expect(described(store.fetch('a'))).toEqual(['a@0-1=x']);
  });

  it('refuses to find sessions by their end without an index, and names the store', () => {
    expect(() => open().store.findSessionsEnding(0, 1)).toThrow(
      'The session store visits has no order by time.',
    );
  });

  it('restores sessions from the changelog', () => {
    const source = open();
    source.store.put(session('a', 0, 1), 'x');
    source.store.put(session('a', 0, 2), 'y');
    source.store.remove(session('a', 0, 1));
    const target = open();
    target.opened.restore(source.context.records);
    expect(described(target.store.fetch('a'))).toEqual(['a@0-2=y']);
  });

  it('reads cached and stored sessions as one store', () => {
    const { store, opened } = open({ caching: true });
    store.put(session('a', 0, 1), 'stored');
    store.put(session('a', 2, 2), 'stored');
    opened.flush();
    store.remove(session('a', 0, 1));
    store.put(session('a', 0, 3), 'cached');
    expect(described(store.fetch('a'))).toEqual(['a@2-2=stored', 'a@0-3=cached']);
  });
});
