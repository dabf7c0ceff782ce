import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { processIdentity } from '../processes/process-register.ts';
import { openDataFolder } from './data-folder.ts';

let root: string;
let path: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-folder-'));
  path = join(root, 'data');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the data folder', () => {
  it('belongs to one process until that process releases it', async () => {
    const folder = openDataFolder(path);

    expect(() => openDataFolder(path)).toThrow(
      `${path} is in use by a running stack (process ${process.pid}): stop that one, or set`,
    );
    folder.release();
    openDataFolder(path).release();
    expect(await readdir(path)).toEqual([]);
  });

  it('is free if its process is gone', async () => {
    const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    const identity = processIdentity(gone.pid ?? 0);
    await once(gone, 'exit');
    await mkdir(path);
    await writeFile(join(path, 'stack.pid'), `${gone.pid}\n${identity}\n`);

    openDataFolder(path).release();
  });

  it.each([
    ['another process that was given the same id', `${process.pid}\nsome-boot/12345\n`],
    ['nobody, since the lock is damaged', 'pid\n'],
    ['nobody, since the lock is empty', ''],
  ])('is free if the lock names %s', async (_case, text) => {
    await mkdir(path);
    await writeFile(join(path, 'stack.pid'), text);

    openDataFolder(path).release();
  });

  it('is refused if a newer Millrace wrote it, and can be emptied', async () => {
    await mkdir(path);
    await writeFile(join(path, 'format-version'), '2\n');
    const folder = openDataFolder(path);

    expect(() => folder.checkVersion()).toThrow(
      `${path} has data format 2, but this version of Millrace reads 1`,
    );
    folder.empty();
    expect(() => folder.checkVersion()).not.toThrow();
    folder.release();
  });

  it('loses only what Millrace has created when it is emptied', async () => {
    const first = openDataFolder(path);
    first.checkVersion();
    for (const name of ['broker', 'mail', 'logs', 'postgres', 'lost+found', 'notes'])
      await mkdir(join(path, name));
    first.empty();
    first.release();

    expect((await readdir(path)).toSorted()).toEqual(['lost+found', 'notes']);
  });

  it('R26 keeps the ledger of erasures when it is emptied, because backups may outlive the data', async () => {
    const first = openDataFolder(path);
    await writeFile(join(path, 'erasures.jsonl'), '');
    first.empty();
    first.release();

    openDataFolder(path).release();
    expect(await readdir(path)).toEqual(['erasures.jsonl']);
  });

  it("is refused and left untouched if it has other files, even if some names are Millrace's", async () => {
    await mkdir(join(path, 'mail'), { recursive: true });
    await writeFile(join(path, 'diary.txt'), '');

    expect(() => openDataFolder(path)).toThrow(`${path} is not a Millrace data folder (it has diary.txt)`);
    expect((await readdir(path)).toSorted()).toEqual(['diary.txt', 'mail']);
  });
});

// Root may write everywhere, so for root the test takes a place that nobody can write to.
const closedToRoot = { who: 'root', closed: () => '/sys/millrace' };
const closedToOthers = {
  who: 'an ordinary user',
  closed: () => {
    chmodSync(root, 0o555);
    return path;
  },
};

const onLinux = process.platform === 'linux' ? it : it.skip;
onLinux('a start on a full disk says so, and leaves nothing that the next start could not take', async () => {
  await mkdir(path);
  await symlink('/dev/full', join(path, `stack.pid.${process.pid}`));
  expect(() => openDataFolder(path)).toThrow(
    `cannot write to the data folder ${path} (ENOSPC): make room, or set MILLRACE_DATA`,
  );
  expect(await readdir(path)).toEqual([]);

  await writeFile(join(path, 'format-version'), '');
  openDataFolder(path).checkVersion();
  expect(await readFile(join(path, 'format-version'), 'utf8')).toBe('1\n');
});

it.each([process.getuid?.() === 0 ? closedToRoot : closedToOthers])(
  '$who is told what to do about a folder that cannot be written',
  ({ closed }) => {
    const folder = closed();

    expect(() => openDataFolder(folder)).toThrow(
      /^cannot write to the data folder .* \(E[A-Z]+\): make it writable for user \S+, or set MILLRACE_DATA/,
    );
    chmodSync(root, 0o755);
  },
);
