import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { openWindowStore } from './open-window-store.ts';
import { RecentWindows } from './recent-windows.ts';
import { SqliteEngine } from './sqlite/sqlite-engine.ts';
import { fakeStoreContext } from './store-context.fake.ts';
import type { ChangelogRecord, OpenedStore } from './store-context.ts';
import type { WindowStoreSpec } from './store-spec.ts';
import type { StoreIterator, WindowStore, WindowValue } from './stores.ts';
import { windowKey } from './windowed-keys.ts';
import { MINUTE_MS, windowSpec } from './window-spec.fixture.ts';

const bytes = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const spanMs = 100;

class Recent {
  readonly windows: RecentWindows;
  #sequence = 0;

  constructor(bytesMax = 1_000_000) {
    this.windows = new RecentWindows({ spanMs, bytesMax });
  }

  put(key: string, startMs: number, value: string, sequence = (this.#sequence += 1)): void {
    this.windows.put({ key: bytes(key), startMs, sequence }, bytes(value));
  }

  fetch(key: string, fromMs: number, toMs: number): string[] {
    return this.windows
      .fetch(bytes(key), fromMs, toMs)
      .map(({ startMs, value }) => `${startMs}=${Buffer.from(value).toString()}`);
  }
}

describe('the recent rows of a window store', () => {
  it('are found by key and time, both ends included, in the order of time and of writing', () => {
    const recent = new Recent();
    for (const startMs of [150, 250, 110, 350, 110]) recent.put('a', startMs, `v${startMs}`);
    recent.put('a', 110, 'last');
    recent.put('ab', 150, 'other');
    expect(recent.fetch('a', 110, 250)).toEqual(['110=v110', '110=v110', '110=last', '150=v150', '250=v250']);
    expect(recent.fetch('a', 111, 249)).toEqual(['150=v150']);
    expect(recent.fetch('b', 0, 1_000)).toEqual([]);
  });

  it('are found in a range that is much wider than the rows', () => {
    const recent = new Recent();
    for (const startMs of [0, 9e12]) recent.put('a', startMs, 'v');
    expect(recent.fetch('a', 0, Number.MAX_SAFE_INTEGER)).toEqual(['0=v', '9000000000000=v']);
  });

  it('are copies that a caller may change', () => {
    const recent = new Recent();
    recent.put('a', 1, 'v');
    recent.windows.fetch(bytes('a'), 0, 9)[0]?.value.fill(0);
    expect(recent.fetch('a', 0, 9)).toEqual(['1=v']);
  });

  it('leave the oldest span of time to the table above their limit', () => {
    const recent = new Recent(50_000);
    for (let startMs = 0; startMs < 10_000; startMs += 1) {
      recent.put('a', startMs, 'v');
      expect(recent.windows.bytes).toBeLessThanOrEqual(50_000);
    }
    const { fromMs } = recent.windows;
    expect(fromMs).toBeGreaterThan(9_000);
    expect(fromMs % spanMs).toBe(0);
    expect(recent.fetch('a', fromMs, 10_000)).toHaveLength(10_000 - fromMs);
    recent.put('a', fromMs - 1, 'late');
    expect(recent.windows.fromMs).toBe(fromMs);
    expect(recent.fetch('a', fromMs - 1, fromMs)).toEqual([`${fromMs}=v`]);
  });

  it('leave a span to the table that is larger than their limit alone', () => {
    const recent = new Recent(10_000);
    recent.put('a', 10, 'x'.repeat(10_001));
    expect(recent.windows.bytes).toBe(0);
    expect(recent.windows.fromMs).toBe(spanMs);
  });

  it('leave earlier rows to the table when the sequence numbers restart', () => {
    const recent = new Recent();
    recent.put('a', 20, 'last', 0x7fff_ffff);
    recent.put('a', 20, 'first', 0);
    recent.put('a', 21, 'second', 1);
    expect(recent.windows.fromMs).toBe(21);
    expect(recent.fetch('a', 21, 99)).toEqual(['21=second']);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'millrace-recent-'));
let fileCount = 0;

type Step =
  | { readonly type: 'put'; readonly key: string; readonly atMs: number; readonly value: string | null }
  | { readonly type: 'fetch'; readonly key: string; readonly fromMs: number; readonly lengthMs: number }
  | { readonly type: 'restore'; readonly key: string; readonly atMs: number }
  | { readonly type: 'commit' | 'crash' };

const someKey = fc.constantFrom('a', 'ab', 'b');
const someTime = fc.nat(24).map((halves) => (halves * MINUTE_MS) / 2);
const someSteps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant<'put'>('put'),
        key: someKey,
        atMs: someTime,
        value: fc.option(fc.constantFrom('x', 'y'.repeat(500)), { freq: 9 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant<'fetch'>('fetch'),
        key: someKey,
        fromMs: someTime,
        lengthMs: fc.constantFrom(0, MINUTE_MS, 9 * MINUTE_MS),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constant<'restore'>('restore'), key: someKey, atMs: someTime }),
    },
    { weight: 2, arbitrary: fc.record({ type: fc.constantFrom<'commit' | 'crash'>('commit', 'crash') }) },
  ),
  { maxLength: 60 },
);

/** The store of a task, used as the task does: it is opened again after a crash. */
class Task {
  readonly engine = new SqliteEngine({ path: join(folder, `${(fileCount += 1)}.db`), now: () => 1 });
  readonly #spec: WindowStoreSpec;
  readonly #recentBytesMax: number;
  #opened: OpenedStore;

  constructor(spec: Partial<WindowStoreSpec<string, string>>, recentBytesMax: number) {
    this.#spec = windowSpec({ retainDuplicates: true, ...spec }) as WindowStoreSpec;
    this.#recentBytesMax = recentBytesMax;
    this.#opened = this.#open();
  }

  run(step: Step): unknown {
    switch (step.type) {
      case 'put':
        return this.#store.put(step.key, step.value, step.atMs);
      case 'fetch': {
        const { key, fromMs, lengthMs } = step;
        const seen = (store: WindowStore<string, string>) => [
          read(store.fetchRange(key, fromMs, fromMs + lengthMs)),
          read(store.backwardFetchRange(key, fromMs, fromMs + lengthMs)),
        ];
        return [seen(this.#store), seen(this.#opened.committed() as WindowStore<string, string>)];
      }
      case 'commit':
        this.#opened.flush();
        this.engine.commit(new Map());
        return undefined;
      case 'crash':
        return this.#reopen();
      case 'restore':
        this.#reopen();
        this.#opened.restore([restored(step.key, step.atMs)]);
        return this.#opened.endRestore();
    }
  }

  rows(key: string, fromMs: number, toMs: number): string[] {
    return read(this.#store.fetchRange(key, fromMs, toMs));
  }

  #reopen(): void {
    this.engine.rollback();
    this.#opened = this.#open();
  }

  #open(): OpenedStore {
    const context = fakeStoreContext({ recentBytesMax: this.#recentBytesMax });
    return openWindowStore(this.#spec, this.engine, context);
  }

  get #store(): WindowStore<string, string> {
    return this.#opened.store as WindowStore<string, string>;
  }
}

const restored = (key: string, startMs: number): ChangelogRecord => ({
  key: windowKey({ key: bytes(key), startMs, sequence: 0 }),
  value: bytes('r'),
  timestampMs: startMs,
  headers: [],
});

function read(found: StoreIterator<WindowValue<string>>): string[] {
  return [...found].map(({ startMs, value }) => `${startMs}=${value.slice(0, 1)}`);
}

describe('a window store with duplicates', () => {
  afterAll(() => rmSync(folder, { recursive: true }));

  it('returns the rows of its table whatever it has in memory, after commits, crashes and restores', () => {
    fc.assert(
      fc.property(someSteps, fc.constantFrom(0, 4_000, 1_000_000), (steps, recentBytesMax) => {
        const tasks = [new Task({ inMemory: true }, 0), new Task({}, recentBytesMax)] as const;
        for (const step of steps) expect(tasks[1].run(step)).toEqual(tasks[0].run(step));
        for (const { engine } of tasks) engine.close();
      }),
      { numRuns: 60 },
    );
  });

  it('finds rows from before and after a crash even if it does not know the latest time before it', () => {
    const task = new Task({}, 1_000_000);
    for (let startMs = 0; startMs <= 10_000; startMs += 1)
      task.run({ type: 'put', key: 'a', atMs: startMs, value: 'x' });
    task.run({ type: 'commit' });
    task.run({ type: 'crash' });
    task.run({ type: 'put', key: 'a', atMs: 10_001, value: 'y' });
    task.run({ type: 'put', key: 'a', atMs: 2 * MINUTE_MS, value: 'z' });
    expect(task.rows('a', 9_999, 2 * MINUTE_MS)).toEqual(['9999=x', '10000=x', '10001=y', '120000=z']);
    task.engine.close();
  });
});
