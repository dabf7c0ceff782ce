import { existsSync, linkSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { FolderError, makeFolder } from '@millrace/streaming-core/runtime';
import { processIdentity } from '../processes/process-identity.ts';

const formatVersion = 1;

const lockName = 'stack.pid';
const versionName = 'format-version';

/** What a data folder consists of. PostgreSQL's has files beside it while it is made. */
const isOurs = (name: string): boolean =>
  [lockName, versionName, 'processes.json', 'postgres', 'broker', 'kafka', 'mail', 'logs'].includes(name) ||
  /^(stack\.pid|processes\.json|postgres)\./.test(name) ||
  name === 'lost+found';

export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Deletes what Millrace made. */
  empty(): void;
  /** Marks a new folder; throws one line when another version of the format is in it. */
  checkVersion(): void;
  /** Gives the folder up for the next start. */
  release(): void;
}

/**
 * Takes the folder for this process, and makes it where it is missing. Throws one line when a live stack has it, when it cannot be
 * written, or when what is in it is not Millrace's: a folder pointed to by mistake is neither filled nor ever emptied.
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
      for (const name of readdirSync(path).filter(
        (entry) => isOurs(entry) && entry !== lockName && entry !== 'lost+found',
      ))
        rmSync(inFolder(name), { recursive: true, force: true });
    },
    checkVersion() {
      if (!existsSync(inFolder(versionName)))
        return writeFileSync(inFolder(versionName), `${formatVersion}\n`);
      const version = readFileSync(inFolder(versionName), 'utf8').trim();
      if (version !== String(formatVersion))
        throw new Error(
          `${path} has data format ${version}, this Millrace knows ${formatVersion}: use the Millrace that wrote it, or start anew with --fresh`,
        );
    },
    release() {
      if (lockText(inFolder(lockName)) === ownLock()) rmSync(inFolder(lockName), { force: true });
    },
  };
}

/** The process of the stack that runs on this folder now. */
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
 * The lock appears with its content, and only where there is none. A stale one is moved away first; whoever moves a live one away by that,
 * because somebody else was faster, puts it back.
 */
function takeLock(path: string): void {
  const lock = join(path, lockName);
  const own = `${lock}.${process.pid}`;
  const stale = `${own}.stale`;
  writeFileSync(own, ownLock());
  try {
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

/** The process in the lock file, if that very one still runs. */
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
  return new Error(
    `cannot write to the data folder ${path} (${code}): make it writable for user ${userInfo().username}, or set MILLRACE_DATA to another folder`,
    { cause: error },
  );
}
