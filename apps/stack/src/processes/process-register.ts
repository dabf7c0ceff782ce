import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIdentity } from './process-identity.ts';

/** How a process ends that cannot be waited for: PostgreSQL has a signal for that which keeps its own children in order. */
export type EndSignal = 'SIGKILL' | 'SIGQUIT';

interface RegisteredProcess {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
  readonly endSignal: EndSignal;
}

const formatVersion = 1;

/** The processes that this stack runs, kept in a file so that the next start knows them if this stack is killed. */
export interface ProcessRegister {
  add(name: string, pid: number, endSignal?: EndSignal): void;
  remove(pid: number): void;
  /** Ends whatever is left without waiting: for a process that must exit now. */
  endAll(): void;
}

export function openRegister(file: string): ProcessRegister {
  const processes = new Map<number, RegisteredProcess>();
  const save = () => {
    writeFileSync(
      `${file}.unfinished`,
      JSON.stringify({ version: formatVersion, processes: [...processes.values()] }),
    );
    renameSync(`${file}.unfinished`, file);
  };
  return {
    add(name, pid, endSignal = 'SIGKILL') {
      const identity = processIdentity(pid);
      if (identity === undefined) return; // it is gone already
      processes.set(pid, { name, pid, identity, endSignal });
      save();
    },
    remove(pid) {
      if (processes.delete(pid)) save();
    },
    endAll: () => [...processes.values()].filter(isRunning).forEach(end),
  };
}

export interface LeftoverOptions {
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
  /** Only the processes that end in this way. */
  readonly endSignal: EndSignal;
  readonly waitMs?: number;
}

/**
 * Waits until what a killed stack has left is gone: its services drain when they notice. Only processes that the file names and whose
 * start fits are ours; one that does not end within the limit is ended.
 */
export async function clearLeftovers(
  file: string,
  { print, signal, endSignal, waitMs = 15_000 }: LeftoverOptions,
): Promise<void> {
  const left = readRegister(file).filter((entry) => entry.endSignal === endSignal && isRunning(entry));
  if (left.length === 0) return;
  print(
    `waiting for what a killed stack has left: ${left.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')}`,
  );
  await untilGone(left, waitMs, signal);
  const stuck = left.filter(isRunning);
  if (stuck.length === 0) return;
  print(
    `ending what does not end by itself: ${stuck.map(({ name, pid }) => `${name} (process ${pid})`).join(', ')}`,
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
    // it ended in this moment
  }
}

/** A file that cannot be understood names nobody: nothing is ever ended on a guess. */
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
