import { cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from '@jest/globals';
import { hours, minutes } from '@millrace/streaming-core/runtime';
import { storeEngineSuite } from '../store-engine.suite.ts';
import { SqliteEngine } from './sqlite-engine.ts';
import { SqliteTable } from './sqlite-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-state-'));
let fileCount = 0;

const newPath = (): string => join(folder, `state-${(fileCount += 1)}.db`);
const open = (path: string): SqliteEngine => new SqliteEngine({ path, now: () => 7 });
const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
const STORED = { inMemory: false };

/**
 * Makes SQLite undo the whole transaction in which this key is put, as it does if the disk is full.
 */
function refusing(path: string, key: Uint8Array): DatabaseSync {
  const other = new DatabaseSync(path);
  const hex = Buffer.from(key).toString('hex');
  other.exec(`
    CREATE TRIGGER refusing BEFORE INSERT ON "store counts" WHEN NEW.k = x'${hex}'
    BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END
  `);
  return other;
}

afterAll(() => rmSync(folder, { recursive: true }));

storeEngineSuite('SQLite', () => open(newPath()));

describe('a state file', () => {
  it('keeps committed rows and offsets when it is closed and opened again', () => {
    const path = newPath();
    const first = open(path);
    first.table('counts', STORED).put(bytes(1), bytes(2));
    first.commit(new Map([['counts-changelog', 5n]]), true);
    first.table('counts', STORED).put(bytes(2), bytes(2));
    first.close();
    const second = open(path);
    expect(second.table('counts', STORED).count()).toBe(1);
    expect(second.offset('counts-changelog')).toBe(5n);
    expect(second.meta.caughtUpAtMs).toBe(7);
    second.close();
  });

  it('is stamped at least every hour as caught up, although nothing is written to it', () => {
    let nowMs = 7;
    const engine = new SqliteEngine({ path: newPath(), now: () => nowMs });
    const stamps = [0, minutes(59), minutes(1)].map((laterMs) => {
      nowMs += laterMs;
      engine.commit(new Map(), true);
      return engine.meta.caughtUpAtMs;
    });
    nowMs += hours(9);
    engine.commit(new Map(), false);
    stamps.push(engine.meta.caughtUpAtMs);
    engine.close();

    expect(stamps).toEqual([7, 7, 7 + hours(1), 7 + hours(1)]);
  });

  it('keeps only what was committed when the process ends without closing it', () => {
    const path = newPath();
    const killed = open(path);
    const table = killed.table('counts', STORED);
    table.restore([{ key: bytes(1), value: bytes(1) }]);
    killed.commit(new Map([['counts-changelog', 1n]]));
    table.put(bytes(2), bytes(2));
    const copy = newPath();
    for (const suffix of ['', '-wal']) cpSync(path + suffix, copy + suffix);
    killed.close();
    const next = open(copy);
    expect([...next.table('counts', STORED).rows({ from: null, before: null }, false)]).toEqual([
      { key: bytes(1), value: bytes(1) },
    ]);
    expect(next.offset('counts-changelog')).toBe(1n);
    next.close();
  });

  it('reports its size on the disk, including its write-ahead log', () => {
    const path = newPath();
    const engine = open(path);
    const table = engine.table('counts', STORED);
    const before = engine.diskBytes;
    table.put(bytes(1), new Uint8Array(200_000));
    engine.commit(new Map());

    expect(engine.diskBytes).toBe(statSync(path).size + statSync(`${path}-wal`).size);
    expect(engine.diskBytes).toBeGreaterThan(before + 200_000);
    engine.close();
  });

  it('commits no row that was put before a rollback', () => {
    const engine = open(newPath());
    const table = engine.table('counts', STORED);
    table.put(bytes(1), bytes(1));
    engine.rollback();
    engine.commit(new Map());
    expect(table.count()).toBe(0);
    engine.close();
  });

  it('refuses a new table between a write and its commit', () => {
    const engine = open(newPath());
    engine.table('counts', STORED).put(bytes(1), bytes(1));
    expect(() => engine.table('late', STORED)).toThrow(
      'The table late must be opened before the first write',
    );
    engine.commit(new Map());
    expect(engine.table('late', STORED).count()).toBe(0);
    engine.close();
  });

  it('opens all tables of a file whose restore has not ended, and has its rows', () => {
    const path = newPath();
    const standby = open(path);
    standby.table('left', STORED).restore([{ key: bytes(1), value: bytes(1) }]);
    standby.commit(new Map([['left-changelog', 1n]]));
    standby.close();
    const active = open(path);
    const left = active.table('left', STORED);
    expect(left.get(bytes(1))).toEqual(bytes(1));
    expect(active.table('right', STORED).count()).toBe(0);
    active.close();
  });

  it('has all rows again after SQLite has undone a commit by itself', () => {
    const path = newPath();
    const engine = open(path);
    const table = engine.table('counts', STORED);
    table.restore([{ key: bytes(1), value: bytes(1) }]);
    engine.commit(new Map([['counts-changelog', 1n]]));
    const other = refusing(path, bytes(2));
    expect(table.get(bytes(1))).toEqual(bytes(1));
    table.put(bytes(2), bytes(2));
    expect(() => engine.commit(new Map([['counts-changelog', 2n]]))).toThrow('the disk is full');
    other.exec('DROP TRIGGER refusing');
    other.close();

    engine.rollback();
    expect(table.get(bytes(1))).toEqual(bytes(1));
    expect(table.get(bytes(2))).toBeNull();
    expect(engine.offset('counts-changelog')).toBe(1n);
    engine.close();
  });

  it('commits nothing after a write has failed, even if a query saw the failure', () => {
    const path = newPath();
    const engine = open(path);
    const counts = engine.table('counts', STORED);
    const others = engine.table('others', STORED);
    const other = refusing(path, bytes(2));
    others.put(bytes(1), bytes(1));
    others.count();
    counts.put(bytes(2), bytes(2));
    expect(() => counts.get(bytes(1))).toThrow('the disk is full');
    other.exec('DROP TRIGGER refusing');
    other.close();

    expect(() => others.put(bytes(3), bytes(3)) ?? others.count()).toThrow('SQLite has undone the open');
    expect(() => engine.commit(new Map([['counts-changelog', 1n]]))).toThrow('the disk is full');
    engine.rollback();
    expect(others.count()).toBe(0);
    expect(engine.offset('counts-changelog')).toBeNull();
    engine.close();
  });

  it.each([
    { what: '4,096 writes', rows: 4_096, valueBytes: 1 },
    { what: 'writes of one mebibyte', rows: 16, valueBytes: 65_536 },
  ])('are stored once they are $what', ({ rows, valueBytes }) => {
    const database = new DatabaseSync(':memory:');
    let written = 0;
    const table = new SqliteTable(database, 'counts', () => (written += 1));
    const put = (at: number): void => table.put(bytes(at >> 8, at & 255), new Uint8Array(valueBytes));
    for (let at = 1; at < rows; at += 1) put(at);
    expect(written).toBe(0);
    put(rows);
    expect(written).toBe(1);
    expect(table.hasWaiting).toBe(false);
    database.close();
  });

  it('has no rows of tables in memory', () => {
    const path = newPath();
    const first = open(path);
    first.table('memory', { inMemory: true }).put(bytes(1), bytes(1));
    first.commit(new Map());
    first.close();
    const second = open(path);
    expect(second.table('memory', { inMemory: true }).count()).toBe(0);
    second.close();
  });
});
