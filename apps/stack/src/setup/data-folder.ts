import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { erasureLedgerName } from '@millrace/operations/client';
import { FolderError, makeFolder } from '@millrace/streaming-core/runtime';
import { processIdentity } from '../processes/process-register.ts';
import { addressesFile } from './published-addresses.ts';

const formatVersion = 1;

const lockName = 'stack.pid';
const versionName = 'format-version';
/** Has a folder for each process that keeps state, such as `state/orders-per-minute-1`. */
export const stateFolderName = 'state';

/**
 * Tells whether a name belongs in a data folder. PostgreSQL's folder has files beside it while it
 * is created.
 */
const isOurs = (name: string): boolean =>
  [
    lockName,
    versionName,
    addressesFile,
    'processes.json',
    'postgres',
    'keys',
    'broker',
    'kafka',
    'mail',
    'logs',
    stateFolderName,
    erasureLedgerName,
  ].includes(name) ||
  /^(stack\.pid|processes\.json|places\.json|postgres|keys)\./.test(name) ||
  name === 'lost+found';

/** The names that `empty` leaves alone. */
const kept: readonly string[] = [lockName, erasureLedgerName, 'lost+found'];

export interface DataFolder {
  /** An absolute path. */
  readonly path: string;
  /** Deletes what Millrace has created, except for the ledger of erasures: backups may outlive the data. */
  empty(): void;
  /**
   * Marks a new folder with the format version. Throws a one-line error if the folder has another
   * version.
   */
  checkVersion(): void;
  /** Releases the folder for the next start. */
  release(): void;
}

/**
 * Takes the folder for this process, and creates it if it is missing. Throws a one-line error if a
 * running stack has it, if it cannot be written, or if its contents are not Millrace's. So a folder
 * that is named by mistake is never filled or emptied.
 */
export function openDataFolder(path: string): DataFolder {
  try {
    makeFolder(path);
    assertOurs(path);
    takeLock(path);
  } catch (error) {
    throw inWords(path, error);
  }
  const inFolder = (name: string) => join(path, name);
  return {
    path,
    empty() {
      for (const name of readdirSync(path).filter((entry) => isOurs(entry) && !kept.includes(entry)))
        rmSync(inFolder(name), { recursive: true, force: true });
    },
    checkVersion() {
      const file = inFolder(versionName);
      const version = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
      // A start on a full disk leaves an empty file.
      if (version === '') writeFileSync(file, `${formatVersion}\n`);
      else if (version !== String(formatVersion))
        throw new Error(
          `${path} has data format ${version}, but this version of Millrace reads ${formatVersion}: ` +
            'use the version of Millrace that wrote it, or start over with --fresh',
        );
    },
    release() {
      if (lockText(inFolder(lockName)) === ownLock()) rmSync(inFolder(lockName), { force: true });
    },
  };
}

/** Returns the id of the stack's process that runs on this folder now. */
export const runningStack = (path: string): number | undefined => liveHolder(join(path, lockName));

function assertOurs(path: string): void {
  const entries = readdirSync(path);
  const strange = entries.find((name) => !isOurs(name));
  if (strange !== undefined && !entries.includes(versionName))
    throw new Error(
      `${path} is not a Millrace data folder (it has ${strange}): set MILLRACE_DATA to another folder`,
    );
}

const ownLock = (): string => `${process.pid}\n${processIdentity(process.pid) ?? ''}\n`;

/**
 * Creates the lock together with its content, and only if there is none. A stale lock is moved away
 * first. If that moves a live lock away, because another process was faster, the lock is put back.
 */
function takeLock(path: string): void {
  const lock = join(path, lockName);
  const own = `${lock}.${process.pid}`;
  const stale = `${own}.stale`;
  try {
    writeFileSync(own, ownLock());
    assertFree(path, lock);
    if (existsSync(lock)) {
      renameSync(lock, stale);
      if (liveHolder(stale) !== undefined) linkSync(stale, lock);
    }
    linkSync(own, lock);
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === 'EEXIST' ||
      (error as NodeJS.ErrnoException).code === 'ENOENT'
    )
      assertFree(path, lock);
    throw error;
  } finally {
    rmSync(own, { force: true });
    rmSync(stale, { force: true });
  }
}

function assertFree(path: string, lock: string): void {
  const holder = liveHolder(lock);
  if (holder !== undefined)
    throw new Error(
      `${path} is in use by a running stack (process ${holder}): stop that one, or set MILLRACE_DATA to another folder`,
    );
}

/** Returns the process in the lock file if that very process still runs. */
function liveHolder(lock: string): number | undefined {
  const [pid, identity] = (lockText(lock) ?? '').split('\n');
  const holder = Number(pid);
  return identity !== undefined && identity !== '' && processIdentity(holder) === identity
    ? holder
    : undefined;
}

function lockText(lock: string): string | undefined {
  try {
    return readFileSync(lock, 'utf8');
  } catch {
    return undefined;
  }
}

function inWords(path: string, error: unknown): unknown {
  if (error instanceof FolderError)
    return new Error(`no data folder at ${path} (${error.message}): set MILLRACE_DATA to another folder`, {
      cause: error,
    });
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const remedy = code === 'ENOSPC' ? 'make room' : `make it writable for user ${userInfo().username}`;
  return new Error(
    `cannot write to the data folder ${path} (${code}): ${remedy}, or set MILLRACE_DATA to another folder`,
    { cause: error },
  );
}
