import { readFileSync, renameSync, writeFileSync, existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnSync } from 'node:child_process';

/**
 * The signal that ends a process at once. PostgreSQL gets SIGQUIT, with which it ends its own
 * children in order.
 */
type EndSignal = 'SIGKILL' | 'SIGQUIT';

interface RegisteredProcess {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
  readonly endSignal: EndSignal;
}

const formatVersion = 1;

/**
 * The processes that this stack runs, kept in a file so that the next start knows them if this
 * stack is killed.
 */
export interface ProcessRegister {
  add(name: string, pid: number, endSignal?: EndSignal): void;
  remove(pid: number): void;
  /** Ends all remaining processes without waiting, because this process must exit now. */
  endAll(): void;
}

/**
 * A file that cannot be written, such as on a full disk, costs no process: `onUnsaved` is told once,
 * and the next change writes everything. Processes that the file lacks also end by themselves when
 * this one is gone.
 */
export function openRegister(file: string, onUnsaved: (line: string) => void): ProcessRegister {
  const processes = new Map<number, RegisteredProcess>();
  let isSaved = true;
  const save = () => {
    try {
      writeFileSync(
        `${file}.unfinished`,
        JSON.stringify({ version: formatVersion, processes: [...processes.values()] }),
      );
      renameSync(`${file}.unfinished`, file);
      isSaved = true;
    } catch (error) {
      if (isSaved) onUnsaved(`cannot write ${file}: ${(error as Error).message}`);
      isSaved = false;
    }
  };
  return {
    add(name, pid, endSignal = 'SIGKILL') {
      const identity = processIdentity(pid);
      if (identity === undefined) return; // it has already ended
      processes.set(pid, { name, pid, identity, endSignal });
      save();
    },
    remove(pid) {
      if (processes.delete(pid)) save();
    },
    endAll: () => [...processes.values()].filter(isRunning).forEach(end),
  };
}

interface LeftoverOptions {
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  /** Clears only the processes with this end signal. */
  readonly endSignal: EndSignal;
  readonly waitMs?: number;
}

/**
 * Waits until the processes that a killed stack has left behind are gone. Its services drain when
 * they notice that the stack is gone. Only processes that the file names and whose start time
 * matches are ours. One that does not end within the limit is killed.
 */
export async function clearLeftovers(
  file: string,
  { print, signal, endSignal, waitMs = 15_000 }: LeftoverOptions,
): Promise<void> {
  const left = readRegister(file).filter((entry) => entry.endSignal === endSignal && isRunning(entry));
  if (left.length === 0) return;
  print(
    'waiting for processes that a killed stack has left behind: ' +
      `${left.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')}`,
  );
  await untilGone(left, waitMs, signal);
  const stuck = left.filter(isRunning);
  if (stuck.length === 0) return;
  print(
    'killing processes that do not end by themselves: ' +
      `${stuck.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')}`,
  );
  stuck.forEach(end);
  await untilGone(stuck, endedWithinMs, signal);
}

const endedWithinMs = 15_000;

async function untilGone(
  processes: readonly RegisteredProcess[],
  waitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const limit = performance.now() + waitMs;
  while (processes.some(isRunning) && performance.now() < limit) await sleep(50, undefined, { signal });
}

const isRunning = ({ pid, identity }: RegisteredProcess): boolean => processIdentity(pid) === identity;

function end({ pid, endSignal }: RegisteredProcess): void {
  try {
    process.kill(pid, endSignal);
  } catch {
    // it has just ended
  }
}

/**
 * Returns nothing for a file that it cannot understand, because no process is ever killed on a
 * guess.
 */
function readRegister(file: string): readonly RegisteredProcess[] {
  try {
    const { version, processes } = JSON.parse(readFileSync(file, 'utf8')) as {
      version: unknown;
      processes: unknown;
    };
    return version === formatVersion && Array.isArray(processes) ? processes.filter(isEntry) : [];
  } catch {
    return [];
  }
}

const isEntry = (entry: Partial<RegisteredProcess> | null): entry is RegisteredProcess =>
  typeof entry?.pid === 'number' &&
  typeof entry.name === 'string' &&
  typeof entry.identity === 'string' &&
  (entry.endSignal === 'SIGKILL' || entry.endSignal === 'SIGQUIT');

/**
 * Identifies one run of a process. Process ids are reused, but the time of the start (and the boot
 * of the machine) is not. Returns undefined if no such process runs, or if it has ended and its
 * parent has not noticed yet.
 */
export function processIdentity(pid: number): string | undefined {
  const { state, start } = lookAt(pid) ?? {};
  return state === undefined || 'ZX'.includes(state) ? undefined : start;
}

/** Whether the process was stopped by SIGSTOP or a terminal, and does nothing until SIGCONT. */
export const isPaused = (pid: number): boolean => lookAt(pid)?.state === 'T';

interface Look {
  /** One letter, as `ps` shows it. */
  readonly state: string;
  /** When the process was started, in a form of the system. */
  readonly start: string;
}

function lookAt(pid: number): Look | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return existsSync('/proc/self/stat') ? fromProc(pid) : fromPs(pid);
}

/**
 * Reads the fields after the program's name, which may contain anything: field 3 is the state,
 * field 22 the start in clock ticks since boot.
 */
function fromProc(pid: number): Look | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { state: fields[0] ?? '', start: `${boot}/${fields[19]}` };
  } catch {
    return undefined;
  }
}

/** Used on macOS, which has no /proc. */
function fromPs(pid: number): Look | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [state = '', ...start] = (stdout ?? '').trim().split(/\s+/);
  return state === '' ? undefined : { state: state.slice(0, 1), start: start.join(' ') };
}
