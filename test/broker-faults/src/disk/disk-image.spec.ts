import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '@millrace/testing/random';
import { DiskImage, type CrashKind } from './disk-image.ts';
import type { DiskOperation } from './disk-operation.ts';

const make = (node: number, name: string, folder = 0, what: 'file' | 'folder' = 'file'): DiskOperation => ({
  kind: 'make',
  node,
  folder,
  name,
  what,
});
const write = (node: number, text: string, position = 0): DiskOperation => ({
  kind: 'write',
  node,
  position,
  bytes: Buffer.from(text),
});
const begun = (node: number, sync: number): DiskOperation => ({ kind: 'sync-begun', node, sync });
const done = (node: number, sync: number): DiskOperation => ({ kind: 'sync-done', node, sync });
const synced = (node: number, sync: number): DiskOperation[] => [begun(node, sync), done(node, sync)];

function after(operations: readonly DiskOperation[], kind: CrashKind, seed = 1): Record<string, string> {
  const image = new DiskImage();
  for (const operation of operations) image.apply(operation);
  return Object.fromEntries(
    [...image.contents(kind, seededRandom(seed))].map(([path, bytes]) => [path, String(bytes)]),
  );
}

describe('a disk that crashes', () => {
  it('keeps what was written when the process is killed', () => {
    expect(after([make(1, 'a'), write(1, 'abc'), write(1, 'X', 1)], 'killed')).toEqual({ a: 'aXc' });
  });

  it('keeps a part of the last write when the process is killed in the middle of it', () => {
    const found = new Set(
      [1, 2, 3, 4, 5, 6].map(
        (seed) => after([make(1, 'a'), write(1, 'abc'), write(1, 'defghi', 3)], 'torn', seed).a ?? '',
      ),
    );
    expect(found.size).toBeGreaterThan(2);
    expect([...found].filter((text) => !'abcdefghi'.startsWith(text) || text.length < 3)).toEqual([]);
  });

  it('loses names whose folder was not synced, even if the file itself was synced', () => {
    expect(after([make(1, 'a'), write(1, 'abc'), ...synced(1, 1)], 'unsynced-lost')).toEqual({});
  });

  it('loses bytes that were not synced, although the name is there', () => {
    expect(after([make(1, 'a'), write(1, 'abc'), ...synced(0, 1)], 'unsynced-lost')).toEqual({ a: '' });
  });

  it('keeps what was written before a sync began, but not what was written during the sync', () => {
    const operations = [
      make(1, 'a'),
      ...synced(0, 1),
      write(1, 'abc'),
      begun(1, 2),
      write(1, 'def', 3),
      done(1, 2),
    ];
    expect(after(operations, 'unsynced-lost')).toEqual({ a: 'abc' });
    expect(after(operations.slice(0, -1), 'unsynced-lost')).toEqual({ a: '' });
  });

  it('has the old or the new file after a rename, never neither', () => {
    const operations = [
      make(1, 'a'),
      write(1, 'old'),
      ...synced(1, 1),
      ...synced(0, 2),
      make(2, 'a.tmp'),
      write(2, 'new'),
      ...synced(2, 3),
    ];
    const renamed: DiskOperation = {
      kind: 'rename',
      node: 2,
      from: { folder: 0, name: 'a.tmp' },
      to: { folder: 0, name: 'a' },
    };
    expect(after([...operations, renamed], 'unsynced-lost')).toEqual({ a: 'old' });
    expect(after([...operations, renamed, ...synced(0, 4)], 'unsynced-lost')).toEqual({ a: 'new' });
  });

  it('loses a folder together with what is in it', () => {
    const operations = [
      make(1, 'd', 0, 'folder'),
      make(2, 'a', 1),
      write(2, 'abc'),
      ...synced(2, 1),
      ...synced(1, 2),
    ];
    expect(after(operations, 'unsynced-lost')).toEqual({});
    expect(after([...operations, ...synced(0, 3)], 'unsynced-lost')).toEqual({ d: 'folder', 'd/a': 'abc' });
  });

  it('keeps all that was synced and any part of the rest at a random power loss', () => {
    const operations = [
      make(1, 'a'),
      ...synced(0, 1),
      write(1, 'safe'),
      ...synced(1, 2),
      write(1, '12345678', 4),
      write(1, 'end', 12),
    ];
    const found = new Set(
      Array.from({ length: 40 }, (_, seed) => after(operations, 'unsynced-random', seed).a ?? ''),
    );
    expect([...found].filter((text) => !text.startsWith('safe'))).toEqual([]);
    expect(found).toContain('safe12345678end');
    expect(found).toContain('safe');
    expect(found).toContain(`safe${'\0'.repeat(8)}end`); // the later write without the one before it
  });
});
