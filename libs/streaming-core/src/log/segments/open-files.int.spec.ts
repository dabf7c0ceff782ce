import { fstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OpenFiles } from './open-files.ts';

describe('the open files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'millrace-files-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function path(name: string): string {
    writeFileSync(join(folder, name), name);
    return join(folder, name);
  }

  it('stay within their limit: the least recently used one is closed, a pinned one never', () => {
    const files = new OpenFiles({ openFilesMax: 2 });
    const pinned = files.pin(path('a'));
    const unused = path('b');
    const second = files.use(unused);
    files.use(path('c'));
    expect(fstatSync(pinned).size).toBe(1);
    expect(files.use(join(folder, 'a'))).toBe(pinned);
    expect(files.use(join(folder, 'c'))).toBe(second); // the descriptor that closing b freed
    files.unpin(join(folder, 'a'));
    files.use(join(folder, 'c'));
    expect(files.use(path('d'))).toBe(pinned); // a was closed this time
    files.closeAll();
  });
});
