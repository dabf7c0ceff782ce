import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FolderError, makeFolder } from './folders.ts';

describe('makeFolder', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'millrace-make-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('creates missing parents and keeps the contents of a folder that exists', () => {
    const path = join(root, 'a/b/c');
    makeFolder(path);
    writeFileSync(join(path, 'kept'), '');
    makeFolder(path);
    expect(statSync(path).isDirectory()).toBe(true);
    expect(existsSync(join(path, 'kept'))).toBe(true);
  });

  it.each(['file', 'file/below', 'file/far/below'])('names the file that blocks %s', (name) => {
    writeFileSync(join(root, 'file'), '');
    expect(() => makeFolder(join(root, name))).toThrow(
      new FolderError(`${join(root, 'file')} is a file, not a folder`),
    );
  });

  it('rejects a symbolic link without a target', () => {
    symlinkSync(join(root, 'nothing'), join(root, 'link'));
    expect(() => makeFolder(join(root, 'link'))).toThrow(/link cannot be created in .* \(EEXIST\)/);
  });

  it('fails where the system does not allow folders', () => {
    expect(() => makeFolder('/proc/millrace/data')).toThrow(/\/proc/);
  });
});
