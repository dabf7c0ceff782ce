import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { compareBytes, keyAfter, prefixEnd } from './bytes.ts';
import type { BytesTable, KeyRange, ReadableRows, StoreEngine } from './store-engine.ts';

const key = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);
const EVERYTHING: KeyRange = { from: null, before: null };
const STORED = { inMemory: false };

const described = (table: ReadableRows, range = EVERYTHING, reverse = false): string[] =>
  [...table.rows(range, reverse)].map((row) => `${[...row.key].join('.')}=${[...row.value].join('.')}`);

/** Tests the behaviour that every adapter of the port must have. */
export function storeEngineSuite(name: string, openEngine: () => StoreEngine): void {
  describe(`the ${name} engine`, () => {
    let engine: StoreEngine;
    let table: BytesTable;

    beforeEach(() => {
      engine = openEngine();
      table = engine.table('counts', STORED);
    });

    afterEach(() => engine.close());

    it('returns null for an absent key, and the last value of a present one', () => {
      expect(table.get(key(1))).toBeNull();
      table.put(key(1), key(7));
      table.put(key(1), key(8));
      expect([...(table.get(key(1)) ?? [])]).toEqual([8]);
      table.put(key(1), null);
      expect(table.get(key(1))).toBeNull();
    });

    it('keeps empty keys and empty values', () => {
      table.put(key(), key());
      expect(table.get(key())).toEqual(new Uint8Array(0));
      expect(described(table)).toEqual(['=']);
    });

    it('orders keys by their unsigned bytes, a prefix first', () => {
      for (const bytes of [[0xff], [1, 0], [1], [0x7f], [0x80], [1, 0, 0]]) table.put(key(...bytes), key(0));
      expect(described(table)).toEqual(['1=0', '1.0=0', '1.0.0=0', '127=0', '128=0', '255=0']);
      const range = { from: key(1, 0), before: key(0x80) };
      expect(described(table, range)).toEqual(['1.0=0', '1.0.0=0', '127=0']);
      expect(described(table, range, true)).toEqual(['127=0', '1.0.0=0', '1.0=0']);
      expect(described(table, { from: key(1), before: prefixEnd(key(1)) })).toEqual([
        '1=0',
        '1.0=0',
        '1.0.0=0',
      ]);
      expect(described(table, { from: key(1), before: keyAfter(key(1)) })).toEqual(['1=0']);
    });

    it('iterates over more rows than fit a page, in both directions', () => {
      for (let at = 0; at < 1_000; at += 1) table.put(key(at >> 8, at & 255), key(1));
      const ascending = [...table.rows(EVERYTHING, false)].map((row) => row.key);
      expect(ascending).toHaveLength(1_000);
      expect(
        ascending.every((each, at) => at === 0 || compareBytes(ascending[at - 1] as Uint8Array, each) < 0),
      ).toBe(true);
      expect([...table.rows(EVERYTHING, true)].map((row) => row.key)).toEqual(ascending.reverse());
    });

    it('allows changes to rows while it iterates over them', () => {
      for (const at of [1, 2, 3]) table.put(key(at), key(at));
      for (const row of table.rows(EVERYTHING, false)) table.put(row.key, null);
      expect(table.count()).toBe(0);
    });

    it('allows a commit while an iterator is open', () => {
      for (const at of [1, 2]) table.put(key(at), key(at));
      const rows = table.rows(EVERYTHING, false);
      rows.next();
      engine.commit(new Map());
      engine.rollback();
      expect(rows.next().value?.key).toEqual(key(2));
    });

    it('undoes the writes since the last commit', () => {
      table.put(key(1), key(1));
      table.put(key(2), key(2));
      engine.commit(new Map());
      table.put(key(1), key(9));
      table.put(key(2), null);
      table.put(key(3), key(3));
      table.restore([{ key: key(4), value: key(4) }]);
      engine.rollback();
      expect(described(table)).toEqual(['1=1', '2=2']);
    });

    it('keeps the offsets of the last commit, and none of a rollback', () => {
      expect(engine.offset('counts-changelog')).toBeNull();
      engine.commit(new Map([['counts-changelog', 9_007_199_254_740_993n]]));
      engine.rollback();
      expect(engine.offset('counts-changelog')).toBe(9_007_199_254_740_993n);
    });

    it('also rolls back tables that are kept only in memory', () => {
      const memory = engine.table('memory', { inMemory: true });
      memory.put(key(1), key(1));
      engine.commit(new Map());
      memory.put(key(1), null);
      engine.rollback();
      expect(described(memory)).toEqual(['1=1']);
    });

    it('shows only committed rows in the committed view', () => {
      table.put(key(1), key(1));
      table.put(key(2), key(2));
      table.put(key(3), key(3));
      engine.commit(new Map());
      const committed = engine.committed('counts', STORED);
      table.put(key(2), key(9));
      table.put(key(3), null);
      table.put(key(4), key(4));
      expect(described(committed)).toEqual(['1=1', '2=2', '3=3']);
      expect(described(committed, EVERYTHING, true)).toEqual(['3=3', '2=2', '1=1']);
      expect(committed.get(key(2))).toEqual(key(2));
      expect(committed.get(key(4))).toBeNull();
      expect(committed.count()).toBe(3);
      engine.commit(new Map());
      expect(described(committed)).toEqual(['1=1', '2=9', '4=4']);
    });

    it('keeps tables apart whatever their names', () => {
      const odd = engine.table('a "b"; -- c', STORED);
      odd.put(key(1), key(1));
      expect(table.get(key(1))).toBeNull();
      expect(engine.table('a "b"; -- c', STORED).get(key(1))).toEqual(key(1));
    });

    it('deletes the lowest rows below a key, and no more than asked for', () => {
      for (const at of [1, 2, 3, 4]) table.put(key(at), key(at));
      expect(table.deleteBefore(key(4), 2)).toBe(2);
      expect(described(table)).toEqual(['3=3', '4=4']);
      expect(table.deleteBefore(key(4), 2)).toBe(1);
      expect(table.deleteBefore(key(4), 2)).toBe(0);
    });

    it('restores rows in the order of the log, so that the last write of a key wins', () => {
      table.put(key(1), key(1));
      table.put(key(5), key(5));
      table.restore([
        { key: key(3), value: key(1) },
        { key: key(2), value: key(1) },
        { key: key(3), value: null },
        { key: key(1), value: null },
        { key: key(2), value: key(2) },
      ]);
      table.restore([{ key: key(4), value: key(4) }]);
      engine.commit(new Map());
      expect(described(table)).toEqual(['2=2', '4=4', '5=5']);
    });

    it('restores many rows, whether or not they come in the order of their keys', () => {
      const rowsFrom = (first: number) =>
        Array.from({ length: 150 }, (_each, index) => ({ key: key(first, index), value: key(index) }));

      table.restore(rowsFrom(2));
      table.restore(rowsFrom(3));
      table.restore(rowsFrom(1).reverse());
      table.restore(rowsFrom(4));

      expect([...table.rows({ from: null, before: null }, false)]).toEqual([1, 2, 3, 4].flatMap(rowsFrom));
    });

    it('restores a row over one that was put after the last restore', () => {
      table.restore([{ key: key(1), value: key(1) }]);
      table.put(key(3), key(3));
      table.restore([{ key: key(3), value: key(4) }]);
      expect(table.get(key(3))).toEqual(key(4));
    });

    it('finds restored rows again if their first use is rolled back', () => {
      table.restore([{ key: key(1), value: key(1) }]);
      engine.commit(new Map());
      expect(table.count()).toBe(1);
      engine.rollback();
      expect(described(table)).toEqual(['1=1']);
    });

    it('behaves like a sorted map for any sequence of calls', () => {
      fc.assert(
        fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
          engine.rollback();
          const model = new Model();
          const modelled = engine.table(`model ${(modelCount += 1)}`, STORED);
          const committed = engine.committed(`model ${modelCount}`, STORED);
          engine.commit(new Map());
          for (const each of calls) {
            model.apply(each);
            apply(each, engine, modelled);
            if (each.type === 'look') expect(described(modelled)).toEqual(model.described());
            if (each.type === 'commit') expect(described(committed)).toEqual(model.described());
            if (each.type === 'rollback') expect(described(committed)).toEqual(model.described());
          }
          expect(described(modelled)).toEqual(model.described());
        }),
        { numRuns: 80 },
      );
    });
  });
}

let modelCount = 0;

interface Write {
  readonly key: number[];
  readonly value: number | null;
}

type Call =
  | (Write & { readonly type: 'put' })
  | { readonly type: 'restore'; readonly writes: readonly Write[] }
  | { readonly type: 'deleteBefore'; readonly key: number[]; readonly rowsMax: number }
  | { readonly type: 'look' | 'commit' | 'rollback' };

const someKey = fc.array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), { maxLength: 3 });

const someValue = fc.option(fc.nat(255));

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ type: fc.constant<'put'>('put'), key: someKey, value: someValue }),
  fc.record({
    type: fc.constant<'restore'>('restore'),
    writes: fc.array(fc.record({ key: someKey, value: someValue }), { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant<'deleteBefore'>('deleteBefore'), key: someKey, rowsMax: fc.nat(3) }),
  fc.record({ type: fc.constantFrom<'look' | 'commit' | 'rollback'>('look', 'commit', 'rollback') }),
);

function apply(each: Call, engine: StoreEngine, table: BytesTable): void {
  switch (each.type) {
    case 'put':
      return table.put(key(...each.key), each.value === null ? null : key(each.value));
    case 'restore':
      return table.restore(
        each.writes.map((write) => ({
          key: key(...write.key),
          value: write.value === null ? null : key(write.value),
        })),
      );
    case 'deleteBefore':
      table.deleteBefore(key(...each.key), each.rowsMax);
      return;
    case 'look':
      return;
    case 'commit':
      table.endRestore();
      return engine.commit(new Map());
    case 'rollback':
      return engine.rollback();
  }
}

/** The rows as an unsorted list, which is sorted when it is read. */
class Model {
  #rows: readonly (readonly [readonly number[], number])[] = [];
  #committed = this.#rows;

  apply(each: Call): void {
    switch (each.type) {
      case 'put':
        return this.#put(each);
      case 'restore':
        return each.writes.forEach((write) => this.#put(write));
      case 'deleteBefore': {
        const below = this.#sorted().filter(([bytes]) => compareBytes(key(...bytes), key(...each.key)) < 0);
        const deleted = new Set(below.slice(0, each.rowsMax));
        this.#rows = this.#rows.filter((row) => !deleted.has(row));
        return;
      }
      case 'look':
        return;
      case 'commit':
        this.#committed = this.#rows;
        return;
      case 'rollback':
        this.#rows = this.#committed;
    }
  }

  described(): string[] {
    return this.#sorted().map(([bytes, value]) => `${bytes.join('.')}=${value}`);
  }

  #put({ key: written, value }: Write): void {
    const others = this.#rows.filter(([bytes]) => bytes.join('.') !== written.join('.'));
    this.#rows = value === null ? others : others.concat([[written, value]]);
  }

  #sorted(): (readonly [readonly number[], number])[] {
    return this.#rows.toSorted(([one], [other]) => compareBytes(key(...one), key(...other)));
  }
}
