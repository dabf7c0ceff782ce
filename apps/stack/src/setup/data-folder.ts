import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const formatVersion = 1;

export interface DataFolder {
  readonly path: string;
  /** Gives the folder up for the next start. */
  release(): void;
}

/**
 * Takes the folder for this process, and makes it. Throws one line when a live stack has it, when a newer Millrace wrote it, or
 * when it is not ours to delete.
 */
export function openDataFolder(wanted: string, { fresh }: { readonly fresh: boolean }): DataFolder {
  const path = resolve(wanted);
  mkdirSync(path, { recursive: true });
  const lock = join(path, 'stack.pid');
  const holder = liveHolder(lock);
  if (holder !== undefined)
    throw new Error(`${path} is in use by a running stack (process ${holder}): stop that one, or set MILLRACE_DATA to another folder`);
  if (fresh) empty(path);
  checkVersion(path);
  writeFileSync(lock, `${process.pid}\n${startTime(process.pid) ?? ''}\n`);
  return { path, release: () => unlinkSync(lock) };
}

/** Only a folder that we made is emptied; whatever else was pointed to by mistake stays. */
function empty(path: string): void {
  const entries = readdirSync(path);
  if (entries.length > 0 && !existsSync(join(path, 'format-version')))
    throw new Error(`${path} is not a Millrace data folder: --fresh deletes only what Millrace made; set MILLRACE_DATA to another folder`);
  for (const entry of entries) rmSync(join(path, entry), { recursive: true, force: true });
}

function checkVersion(path: string): void {
  const file = join(path, 'format-version');
  if (!existsSync(file)) return writeFileSync(file, `${formatVersion}\n`);
  const version = Number(readFileSync(file, 'utf8'));
  if (version !== formatVersion)
    throw new Error(
      `${path} has data format ${version}, this Millrace knows ${formatVersion}: use the Millrace that wrote it, or start anew with --fresh`,
    );
}

/** The pid in the lock file, if that very process still runs: ids are given again, start times are not. */
function liveHolder(lock: string): number | undefined {
  if (!existsSync(lock)) return undefined;
  const [pid, startedAt] = readFileSync(lock, 'utf8').split('\n');
  const holder = Number(pid);
  if (!Number.isInteger(holder) || holder <= 0 || !isAlive(holder)) return undefined;
  const now = startTime(holder);
  return now === undefined || now === startedAt ? holder : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat; undefined where there is no /proc. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
