import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { ExpectedState } from '../state-meta.ts';
import { deleteStateFile } from './sqlite-engine.ts';
import { openStateFile } from './open-state-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-state-'));
const expected: ExpectedState = {
  clusterId: 'here',
  bootId: 'boot-1',
  nowMs: 1_000,
  changelogs: new Map([
    ['counts', { topicId: 'id-1', startOffset: 0n, endOffset: 10n, deleteRetentionMs: 1_000 }],
  ]),
};

const key = Uint8Array.of(1);
const now = (): number => 1_000;

/** Opens the file of a task and commits one row at offset 5. */
function write(path: string) {
  const { engine } = openStateFile({ path, now }, expected);
  engine.table('counts', { inMemory: false }).put(key, key);
  engine.commit(new Map([['counts', 5n]]));
  return engine;
}

function rowsOf(path: string, found: ExpectedState) {
  const { engine, refused } = openStateFile({ path, now }, found);
  const count = engine.table('counts', { inMemory: false }).count();
  engine.close();
  return { refused, count };
}

afterAll(() => rmSync(folder, { recursive: true }));

describe('opening a state file', () => {
  it('creates the folder, and continues with the rows of the file', () => {
    const path = join(folder, 'new/0_1/state.db');
    write(path).close();
    expect(rowsOf(path, expected)).toEqual({ refused: null, count: 1 });
  });

  it('T07 deletes the rows of another cluster and reports the reason', () => {
    const path = join(folder, 'cluster.db');
    write(path).close();
    expect(rowsOf(path, { ...expected, clusterId: 'there' })).toEqual({
      refused: 'It belongs to cluster here, and this is there.',
      count: 0,
    });
  });

  it('uses a file that was closed before the machine was restarted', () => {
    const path = join(folder, 'synced.db');
    write(path).close();
    expect(rowsOf(path, { ...expected, bootId: 'boot-2' }).count).toBe(1);
  });

  it('T07 deletes a file that was not closed before the machine was restarted', () => {
    const path = join(folder, 'open.db');
    write(path).close();
    const running = write(path);
    const copy = join(folder, 'unsynced.db');
    for (const suffix of ['', '-wal']) cpSync(path + suffix, copy + suffix);
    running.close();
    expect(rowsOf(copy, { ...expected, bootId: 'boot-2' }).refused).toBe(
      'The machine was restarted before the file was synced to its disk.',
    );
  });

  it('T07 deletes a file that may lack tombstones because each of its restores was interrupted', () => {
    const path = join(folder, 'partial.db');
    for (const atMs of [1_000, 1_900]) {
      const { engine } = openStateFile({ path, now: () => atMs }, { ...expected, nowMs: atMs });
      engine.table('counts', { inMemory: false }).put(key, key);
      engine.commit(new Map([['counts', 5n]]));
      engine.close();
    }
    expect(rowsOf(path, { ...expected, nowMs: 2_001 })).toEqual({
      refused:
        'counts may have lost tombstones: the file had all of it 1001 ms ago, and delete.retention.ms is 1000.',
      count: 0,
    });
  });

  it('uses a file for delete.retention.ms after it had all of its changelogs', () => {
    const path = join(folder, 'complete.db');
    const { engine } = openStateFile({ path, now: () => 1_900 }, expected);
    engine.table('counts', { inMemory: false }).put(key, key);
    engine.commit(new Map([['counts', 5n]]), true);
    engine.close();
    expect(rowsOf(path, { ...expected, nowMs: 2_900 })).toEqual({ refused: null, count: 1 });
  });

  it('deletes a file of version 1, which does not say when it had all of its changelogs', () => {
    const path = join(folder, 'version-1.db');
    write(path).close();
    const database = new DatabaseSync(path);
    database.exec(`DELETE FROM state_meta WHERE name = 'caught_up_at_ms';
      UPDATE state_meta SET value = '1' WHERE name = 'format_version'`);
    database.close();

    expect(rowsOf(path, { ...expected, nowMs: 9_000 })).toEqual({
      refused: 'It has format version 1, and this release writes 2.',
      count: 0,
    });
  });

  it('deletes a file that is no database', () => {
    const path = join(folder, 'broken.db');
    writeFileSync(path, 'this is no database, but long enough to look at'.repeat(100));
    expect(rowsOf(path, expected)).toEqual({
      refused: 'SQLite cannot read it: file is not a database.',
      count: 0,
    });
  });

  it('leaves no file behind when it is deleted', () => {
    const path = join(folder, 'gone.db');
    write(path).close();
    deleteStateFile(path);
    expect(['', '-wal', '-shm'].some((suffix) => existsSync(path + suffix))).toBe(false);
  });
});
