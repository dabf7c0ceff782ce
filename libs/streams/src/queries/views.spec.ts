import { describe, expect, it } from '@jest/globals';
import type { ValueAndTimestamp } from '../processor/record.ts';
import { MemoryEngine } from '../state/memory-engine.ts';
import { openStore } from '../state/open-store.ts';
import { text } from '../state/serde.fixture.ts';
import { fakeStoreContext } from '../state/store-context.fake.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import type { KeyValueStore, SessionStore, WindowStore } from '../state/stores.ts';
import { keyValueView, sessionView, valueWithoutTime, windowView } from './views.ts';

const MINUTE_MS = 60_000;

/** The stores of two tasks, whose writes are committed immediately. */
function twoStores<S>(spec: Record<string, unknown>, write: (one: S, other: S) => void): readonly S[] {
  const declared = {
    name: 'counts',
    keySerde: text,
    valueSerde: text,
    caching: false,
    logConfigs: undefined,
    inMemory: false,
    timestamped: true,
    retentionMs: 60 * MINUTE_MS,
    windowSizeMs: MINUTE_MS,
    retainDuplicates: false,
    emitsOnClose: true,
    ...spec,
  } as unknown as StoreSpec;
  const tasks = [new MemoryEngine(), new MemoryEngine()].map((engine) => ({
    engine,
    opened: openStore(declared, engine, fakeStoreContext()),
  }));
  const [one, other] = tasks.map(({ opened }) => opened.store as S);
  write(one as S, other as S);
  for (const { engine } of tasks) engine.commit(new Map());
  return tasks.map(({ opened }) => opened.committed() as S);
}

const at = (timestampMs: number, value: string): ValueAndTimestamp<string> => ({ value, timestampMs });

describe('a view of the key-value stores of a process', () => {
  type Counts = KeyValueStore<string, ValueAndTimestamp<string>>;

  const stores = twoStores<Counts>({ kind: 'key_value' }, (one, other) => {
    one.put('b', at(1, 'one'));
    other.put('a', at(2, 'two'));
  });
  const view = keyValueView({ name: 'counts', stores: () => stores }, valueWithoutTime);

  it('finds a key in the store that has it, and returns its value without the time', () => {
    expect(view.get('a')).toBe('two');
    expect(view.get('b')).toBe('one');
    expect(view.get('c')).toBeNull();
  });

  it('T14 goes from store to store', () => {
    expect([...view.all()]).toEqual([
      { key: 'b', value: 'one' },
      { key: 'a', value: 'two' },
    ]);
    expect([...view.range('b')].map(({ key }) => key)).toEqual(['b']);
    expect(view.approximateEntryCount()).toBe(2);
  });

  it('asks for the stores at each read, since a rebalance moves them', () => {
    let current = stores.slice(0, 1);
    const moving = keyValueView({ name: 'counts', stores: () => current }, (stored) => stored);
    expect(moving.get('a')).toBeNull();
    current = stores.slice(1);
    expect(moving.get('a')).toEqual(at(2, 'two'));
  });
});

describe('a view of the window stores of a process', () => {
  const stores = twoStores<WindowStore<string, ValueAndTimestamp<string>>>(
    { kind: 'window' },
    (one, other) => {
      one.put('a', at(1, 'one'), 0);
      one.put('a', at(1, 'two'), MINUTE_MS);
      other.put('b', at(2, 'three'), 0);
    },
  );
  const view = windowView({ name: 'counts', stores: () => stores }, valueWithoutTime);

  it('reads the windows of a key wherever they are', () => {
    expect(view.fetch('b', 0)).toBe('three');
    expect([...view.fetchRange('a', 0, MINUTE_MS)]).toEqual([
      { startMs: 0, value: 'one' },
      { startMs: MINUTE_MS, value: 'two' },
    ]);
    expect([...view.backwardFetchRange('a', 0, MINUTE_MS)].map(({ value }) => value)).toEqual(['two', 'one']);
  });

  it('T14 goes from store to store', () => {
    const valuesOf = (entries: Iterable<{ readonly value: string }>) =>
      [...entries].map(({ value }) => value);
    expect(valuesOf(view.all())).toEqual(['one', 'two', 'three']);
    expect(valuesOf(view.fetchAll(0, 0))).toEqual(['one', 'three']);
    expect(valuesOf(view.fetchKeys('b', undefined, 0, MINUTE_MS))).toEqual(['three']);
  });
});

describe('a view of the session stores of a process', () => {
  const stores = twoStores<SessionStore<string, string>>({ kind: 'session' }, (one, other) => {
    one.put({ key: 'a', window: { startMs: 0, endMs: 1 } }, 'one');
    other.put({ key: 'b', window: { startMs: 2, endMs: 3 } }, 'two');
  });
  const view = sessionView({ name: 'counts', stores: () => stores });

  it('reads the sessions of a key wherever they are', () => {
    expect(view.fetchSession('b', 2, 3)).toBe('two');
    expect([...view.fetch('a')].map(({ value }) => value)).toEqual(['one']);
    expect([...view.findSessions('b', 3, 2)].map(({ value }) => value)).toEqual(['two']);
    expect([...view.findSessionsEnding(0, 9)].map(({ value }) => value)).toEqual(['one', 'two']);
  });
});
