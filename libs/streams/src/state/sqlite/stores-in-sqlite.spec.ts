import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { MemoryEngine } from '../memory-engine.ts';
import { openStore } from '../open-store.ts';
import { type FakeStoreContext, fakeStoreContext } from '../store-context.fake.ts';
import type { OpenedStore } from '../store-context.ts';
import type { StoreEngine } from '../store-engine.ts';
import type { StoreSpec } from '../store-spec.ts';
import type { WindowStore } from '../stores.ts';
import { MINUTE_MS, windowSpec } from '../window-spec.fixture.ts';
import { SqliteEngine } from './sqlite-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-stores-'));
let fileCount = 0;

const windows = windowSpec({ caching: true, emitsOnClose: true }) as unknown as StoreSpec;

type Step =
  | { readonly type: 'put'; readonly key: string; readonly minute: number; readonly value: string | null }
  | { readonly type: 'commit' | 'crash' };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        type: fc.constant<'put'>('put'),
        key: fc.constantFrom('a', 'ab', 'b'),
        minute: fc.nat(12),
        value: fc.option(fc.constantFrom('x', 'y')),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constantFrom<'commit' | 'crash'>('commit', 'crash') }) },
  ),
  { maxLength: 30 },
);

/** The store of a task over one engine, used as the task does. */
class Task {
  readonly #engine: StoreEngine;
  #context: FakeStoreContext = fakeStoreContext();
  #opened: OpenedStore;

  constructor(engine: StoreEngine) {
    this.#engine = engine;
    this.#opened = openStore(windows, engine, this.#context);
  }

  run(step: Step): void {
    if (step.type === 'put') this.#store.put(step.key, step.value, step.minute * MINUTE_MS);
    if (step.type === 'commit') {
      this.#opened.flush();
      this.#engine.commit(new Map());
    }
    if (step.type === 'crash') {
      this.#engine.rollback();
      this.#context = fakeStoreContext();
      this.#opened = openStore(windows, this.#engine, this.#context);
    }
  }

  seen() {
    return {
      all: [...this.#store.all()],
      ofOneKey: [...this.#store.backwardFetchRange('a', 0, 9 * MINUTE_MS)],
      committed: [...(this.#opened.committed() as WindowStore<string, string>).all()],
      logged: this.#context.logged,
      dropped: this.#context.dropped,
    };
  }

  get #store(): WindowStore<string, string> {
    return this.#opened.store as WindowStore<string, string>;
  }
}

afterAll(() => rmSync(folder, { recursive: true }));

describe('a window store in SQLite', () => {
  it('shows and logs the same rows as one in memory, even after crashes', () => {
    fc.assert(
      fc.property(steps, (sequence) => {
        const sqlite = new SqliteEngine({ path: join(folder, `${(fileCount += 1)}.db`), now: () => 1 });
        const tasks = { sqlite: new Task(sqlite), memory: new Task(new MemoryEngine()) };
        for (const step of sequence) {
          tasks.sqlite.run(step);
          tasks.memory.run(step);
          expect(tasks.sqlite.seen()).toEqual(tasks.memory.seen());
        }
        sqlite.close();
      }),
      { numRuns: 25 },
    );
  });
});
