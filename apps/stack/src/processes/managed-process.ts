import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, existsSync, renameSync, statSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ProcessDefinition {
  readonly name: string;
  /** TypeScript file to run, relative to the workspace. */
  readonly main: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface ProcessLimits {
  readonly readyTimeoutMs: number;
  readonly stopTimeoutMs: number;
  readonly restartDelayMsMin: number;
  readonly restartDelayMsMax: number;
  /** A process that lived for this long starts again without delay's memory. */
  readonly stableAfterMs: number;
  readonly logBytesMax: number;
}

export const defaultLimits: ProcessLimits = {
  readyTimeoutMs: 60_000,
  stopTimeoutMs: 15_000,
  restartDelayMsMin: 100,
  restartDelayMsMax: 10_000,
  stableAfterMs: 30_000,
  logBytesMax: 20_000_000,
};

export interface ManagedProcess {
  readonly name: string;
  readonly pid: number | undefined;
  readonly restarts: number;
  /** Resolves once the process says that it is ready; rejects, with its last words, when it ends before. */
  start(): Promise<void>;
  /** SIGTERM, and SIGKILL after the limit. It does not come back. */
  stop(): Promise<void>;
}

interface Options {
  readonly workspace: string;
  readonly logFolder: string;
  readonly limits?: Partial<ProcessLimits>;
  readonly onExit: (name: string, how: string, restartDelayMs: number) => void;
  readonly onRestart: (name: string, pid: number) => void;
}

/**
 * A child process that says `{ type: 'ready' }` over IPC, restarted with a doubling delay whenever it dies. It runs in a session of
 * its own: Ctrl-C reaches only the stack, which stops its children in order; they exit by themselves when the stack is gone.
 */
export function manageProcess(definition: ProcessDefinition, options: Options): ManagedProcess {
  const limits = { ...defaultLimits, ...options.limits };
  let child: ChildProcess | undefined;
  let stopping = false;
  let restarts = 0;
  let delayMs = limits.restartDelayMsMin;
  let pendingRestart: NodeJS.Timeout | undefined;

  function launch(): Promise<void> {
    const startedAt = performance.now();
    const log = openLog(options.logFolder, definition.name, limits.logBytesMax);
    const started = spawnChild(definition, options.workspace);
    child = started;
    const lastWords = follow(started, log);
    const ready = whenReady(started, definition.name, limits.readyTimeoutMs, lastWords, log);
    started.once('exit', (code, signal) => {
      log.end();
      if (child === started) child = undefined;
      if (stopping || !isReady(started)) return;
      if (performance.now() - startedAt > limits.stableAfterMs) delayMs = limits.restartDelayMsMin;
      scheduleRestart(signal ?? `exit code ${code}`);
    });
    return ready;
  }

  function scheduleRestart(how: string): void {
    options.onExit(definition.name, how, delayMs);
    pendingRestart = setTimeout(() => {
      restarts += 1;
      launch().then(
        () => options.onRestart(definition.name, child?.pid ?? 0),
        (error: Error) => stopping || scheduleRestart(error.message),
      );
    }, delayMs);
    delayMs = Math.min(delayMs * 2, limits.restartDelayMsMax);
  }

  return {
    name: definition.name,
    get pid() {
      return child?.pid;
    },
    get restarts() {
      return restarts;
    },
    start: launch,
    async stop() {
      stopping = true;
      clearTimeout(pendingRestart);
      if (child !== undefined) await endProcess(child, limits.stopTimeoutMs);
    },
  };
}

const readyChildren = new WeakSet<ChildProcess>();
const isReady = (child: ChildProcess): boolean => readyChildren.has(child);

function spawnChild({ main, environment }: ProcessDefinition, workspace: string): ChildProcess {
  const flags = [
    '--conditions=@millrace/source',
    '--import',
    join(workspace, 'tools/register.mjs'),
    '--max-semi-space-size=2',
    join(workspace, main),
  ];
  return spawn(process.execPath, flags, {
    cwd: workspace,
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

function openLog(folder: string, name: string, bytesMax: number): WriteStream {
  const file = join(folder, `${name}.log`);
  if (existsSync(file) && statSync(file).size > bytesMax) renameSync(file, `${file}.1`);
  return createWriteStream(file, { flags: 'a' });
}

/** Copies both outputs to the log and remembers the last line of standard error, which says why a process gave up. */
function follow(child: ChildProcess, log: WriteStream): () => string {
  let last = '';
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  if (child.stderr) createInterface({ input: child.stderr }).on('line', (line) => (last = line.trim() === '' ? last : line));
  return () => last;
}

function whenReady(child: ChildProcess, name: string, timeoutMs: number, lastWords: () => string, log: WriteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${name} did not start: ${why} (log: ${String(log.path)})`));
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      fail(`not ready after ${timeoutMs} ms`);
    }, timeoutMs);
    child.once('error', (error) => fail(error.message));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      fail(lastWords() || `it ended with ${signal ?? `exit code ${code}`}`);
    });
    child.on('message', (message) => {
      if (!isReadyMessage(message)) return;
      clearTimeout(timer);
      readyChildren.add(child);
      resolve();
    });
  });
}

const isReadyMessage = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';

function endProcess(child: ChildProcess, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
