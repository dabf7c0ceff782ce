import { linkSync, readFileSync, renameSync, rmSync, writeFileSync, mkdirSync, statSync } from 'node:fs';
import { join, dirname, resolve } from 'node:path';

/** No process can create a folder at the path, whatever its rights. The message says why. */
export class FolderError extends Error {
  override readonly name = 'FolderError';
}

/**
 * Creates a folder and its missing parents. Throws `FolderError`, or the system's error if the
 * rights or the space are missing. Does not use `recursive` of `mkdirSync`, which never returns for
 * a path below `/proc`: every name there seems to have a parent, and none can be created.
 */
export function makeFolder(path: string): void {
  const folder = resolve(path);
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && isFolder(folder)) return; // another process created it first
    if (code === 'ENOENT' || code === 'EEXIST')
      throw new FolderError(`${folder} cannot be created in ${parent} (${code})`, { cause: error });
    throw error;
  }
}

function isFolder(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isDirectory()) throw new FolderError(`${path} is a file, not a folder`);
  return found !== undefined;
}

/** Identifies a process, even if a later one gets the same pid. */
interface Holder {
  readonly pid: number;
  /** Boot id and start time in clock ticks if /proc has them, otherwise empty. */
  readonly startedAt: string;
}

/** Another process has locked the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly folder: string;
  /** The process by its id, such as `process 4711`. */
  readonly holder: string;

  constructor(folder: string, holder: string) {
    super(`folder ${folder} is in use by ${holder}`);
    this.folder = folder;
    this.holder = holder;
  }
}

/**
 * Locks a folder for this process with a `.lock` file, and returns a function that unlocks it.
 * Takes over the lock of a process that no longer runs. Throws `FolderInUse` if one does.
 */
export function lockFolder(folder: string, newUuid: () => string): () => void {
  const path = join(folder, '.lock');
  const draft = join(folder, `.lock.${newUuid()}`);
  const own: Holder = { pid: process.pid, startedAt: startOf(process.pid) ?? '' };
  writeFileSync(draft, JSON.stringify(own));
  try {
    takeLock(folder, path, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => rmSync(path, { force: true });
}

function takeLock(folder: string, path: string, draft: string): void {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (linked(draft, path)) return;
    const holder = readHolder(path);
    if (holder !== undefined && isAlive(holder)) throw new FolderInUse(folder, `process ${holder.pid}`);
    removeStale(path, holder, `${draft}.stale`);
  }
  throw new FolderInUse(folder, 'another process that is starting');
}

/** Creates a hard link, which is atomic. Returns false if the name is taken. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes the lock of a dead process. If another process has replaced that lock in the meantime,
 * its lock is put back.
 */
function removeStale(path: string, dead: Holder | undefined, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved?.pid !== dead?.pid || moved?.startedAt !== dead?.startedAt) linked(aside, path);
  rmSync(aside, { force: true });
}

function readHolder(path: string): Holder | undefined {
  try {
    const { pid, startedAt } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>;
    return Number.isInteger(pid) && pid! > 0 ? { pid: pid!, startedAt: String(startedAt ?? '') } : undefined;
  } catch {
    return undefined; // the file is gone, or is not one of our locks
  }
}

function isAlive(holder: Holder): boolean {
  const start = startOf(holder.pid);
  if (start !== undefined && holder.startedAt !== '') return start === holder.startedAt;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Returns undefined without /proc, or if the process does not exist. A zombie counts as dead. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return fields[0] === 'Z' ? 'zombie' : `${bootId}/${fields[19]}`;
  } catch {
    return undefined;
  }
}
