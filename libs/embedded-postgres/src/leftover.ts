import { readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './errors.ts';

/** The first lines of `postmaster.pid`, in which a running server describes itself. */
export interface PostmasterFile {
  readonly pid: number;
  readonly dataFolder: string;
  /** Unix time in seconds. */
  readonly startedAt: number;
  readonly port: number;
}

/** Returns undefined if the file is missing or not a postmaster's. */
export function readPostmasterFile(dataFolder: string): PostmasterFile | undefined {
  const text = readIfThere(join(dataFolder, 'postmaster.pid'));
  return text === undefined ? undefined : parsePostmasterFile(text);
}

/** Returns undefined for a text that is not a postmaster's. */
export function parsePostmasterFile(text: string): PostmasterFile | undefined {
  const [pid, folder, startedAt, port] = text.split('\n');
  if (folder === undefined || ![pid, startedAt, port].every((field) => /^\d+$/.test(field?.trim() ?? '')))
    return undefined;
  return { pid: Number(pid), dataFolder: folder, startedAt: Number(startedAt), port: Number(port) };
}

/**
 * Tells whether the process really is the postmaster of this folder, since its id may have been
 * reused. On Linux, its program, its working folder and its start time must match. Elsewhere this
 * cannot be verified, and the answer is no.
 */
function isPostmasterOf(file: PostmasterFile, dataFolder: string): boolean {
  try {
    const process = `/proc/${file.pid}`;
    const program = readlinkSync(`${process}/exe`).replace(/ \(deleted\)$/, '');
    const folder = readlinkSync(`${process}/cwd`);
    return (
      program.endsWith('/postgres') &&
      folder === realpathSync(dataFolder) &&
      Math.abs(startTimeOf(file.pid) - file.startedAt) <= 5
    );
  } catch {
    return false;
  }
}

/**
 * Returns the Unix time in seconds. Field 22 of /proc/PID/stat is in clock ticks (100 a second on
 * every Linux we support) since boot.
 */
function startTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const bootTime = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
  return bootTime + ticks / 100;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

export interface LeftoverStop {
  /** After this time without a fast shutdown, an immediate one is requested. */
  readonly fastMsMax: number;
  /** After this time the start fails. */
  readonly msMax: number;
}

const leftoverStopDefault: LeftoverStop = { fastMsMax: 10_000, msMax: 30_000 };

/**
 * PostgreSQL may never end after SIGINT if it was recovering from a crash, so SIGQUIT follows, as in
 * `stopServer`.
 */
export async function stopLeftover(
  dataFolder: string,
  onNotice: (line: string) => void,
  { fastMsMax, msMax } = leftoverStopDefault,
): Promise<void> {
  const file = readPostmasterFile(dataFolder);
  // PostgreSQL itself replaces a stale file.
  if (file === undefined || !isPostmasterOf(file, dataFolder)) return;
  onNotice(`stopping the PostgreSQL that was left over (pid ${file.pid})`);
  process.kill(file.pid, 'SIGINT');
  const askedAt = performance.now();
  let cutShort = false;
  while (isPostmasterOf(file, dataFolder)) {
    const waitedMs = performance.now() - askedAt;
    if (waitedMs > fastMsMax && !cutShort) {
      cutShort = true;
      onNotice(
        `PostgreSQL has not stopped after ${fastMsMax / 1000} s: it is shut down immediately and ` +
          'recovers at its next start',
      );
      process.kill(file.pid, 'SIGQUIT');
    }
    if (waitedMs > msMax)
      throw new EmbeddedPostgresError(
        `the left-over PostgreSQL (pid ${file.pid}) does not stop: end it, then start again`,
      );
    await sleep(50);
  }
}
