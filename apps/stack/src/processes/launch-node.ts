import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { aliveQuestion, isAliveMessage } from './alive-messages.ts';
import type { BoundedLog } from './bounded-log.ts';
import type { ProcessRegister } from './process-register.ts';
import type { Launch, RunningProcess } from './supervise.ts';

export interface Program {
  /** The name of this process in the stack. */
  readonly name: string;
  /** The folder under `apps/`, which is also the program's own name. */
  readonly app: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Bounds the memory for new objects, which is 3 times as large. By default 4. */
  readonly semiSpaceMb?: number;
}

interface ProgramOptions {
  readonly workspace: string;
  readonly log: BoundedLog;
  readonly register: ProcessRegister;
  readonly readyTimeoutMs?: number;
  /** How long the process may take to end after SIGTERM, before it gets SIGKILL. */
  readonly stopTimeoutMs?: number;
}

/**
 * Runs a TypeScript program that reports `{ type: 'ready' }` over IPC. It runs in a session of its
 * own, so Ctrl-C reaches only the stack, which stops its children in order. The children exit by
 * themselves if the stack is gone.
 */
export function launchNode(definition: Program, options: ProgramOptions): Launch {
  const { log, register, readyTimeoutMs = 60_000, stopTimeoutMs = 15_000 } = options;
  return async (signal) => {
    signal.throwIfAborted();
    const child = spawnChild(definition, options.workspace);
    const { pid } = child;
    if (pid !== undefined) register.add(definition.name, pid);
    const lastWords = follow(child, log);
    const ended = whenGone(child).finally(() => pid !== undefined && register.remove(pid));
    const stop = () => endProcess(child, ended, stopTimeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    try {
      await whenReady(child, ended, readyTimeoutMs);
      signal.throwIfAborted();
      return {
        pid: pid as number,
        ended,
        answer: answersOf(child),
        kill: () => void child.kill('SIGKILL'),
        stop,
      } satisfies RunningProcess;
    } catch (error) {
      child.kill('SIGKILL'); // it has ended, or it hangs
      await ended;
      const why = explain(definition.app, lastWords()) ?? (error as Error).message;
      throw new Error(`${definition.name} did not start: ${why}`, { cause: error });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  };
}

function spawnChild({ app, environment, semiSpaceMb = 4 }: Program, workspace: string): ChildProcess {
  const flags = [
    '--import',
    join(import.meta.dirname, 'exit-with-parent.ts'),
    '--import',
    join(import.meta.dirname, 'answer-parent.ts'),
    `--max-semi-space-size=${semiSpaceMb}`,
    join(workspace, 'tools/run.mjs'),
    join(workspace, 'apps', app, 'src/main.ts'),
  ];
  return spawn(process.execPath, flags, {
    cwd: workspace,
    env: { ...process.env, ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

const linesKeptMax = 50;

/**
 * Copies both outputs to the log and keeps the last lines of standard error, which say why a
 * process gave up.
 */
function follow(child: ChildProcess, log: BoundedLog): () => readonly string[] {
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) output?.on('data', (chunk: Buffer) => log.write(chunk));
  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      lines.splice(0, lines.length - linesKeptMax);
    });
  return () => lines;
}

/**
 * Resolves once the process has ended and its output was read to the end, so that the last words
 * are complete, or once its start has failed.
 */
const whenGone = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => child.pid === undefined && resolve(error.message));
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });

function whenReady(child: ChildProcess, ended: Promise<string>, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`it was not ready after ${timeoutMs} ms`)), timeoutMs);
    void ended.then((how) => {
      clearTimeout(timer);
      reject(new Error(`it ended with ${how}`));
    });
    child.on('message', (message) => {
      if (!isReadyMessage(message)) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

const isReadyMessage = (message: unknown): boolean =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';

/**
 * Asks over IPC, which needs only a turn of the child's event loop, so a busy port or database does
 * not count as silence. Only one question may be open at a time.
 */
function answersOf(child: ChildProcess): () => Promise<void> {
  let heard = () => undefined as unknown;
  child.on('message', (message) => isAliveMessage(message) && heard());
  return () =>
    new Promise((resolve, reject) => {
      heard = resolve;
      child.send(aliveQuestion, (error) => error && reject(error));
    });
}

async function endProcess(child: ChildProcess, ended: Promise<string>, timeoutMs: number): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(timer);
}

const reasonsMax = 5;
const lengthMax = 600;

/**
 * Returns in one line why a process gave up, from what it wrote to standard error: the lines that
 * it wrote for people (`NAME: reason`), or the error of a crash, or its last line. Returns
 * undefined if it wrote nothing for people.
 */
export function explain(name: string, lines: readonly string[]): string | undefined {
  // JSON is for the log.
  const said = lines.filter((line) => line.trim() !== '' && !line.startsWith('{'));
  const reasons = said
    .filter((line) => line.startsWith(`${name}: `))
    .map((line) => line.slice(name.length + 2));
  const crash = said.find((line) => /^(Uncaught )?\w*Error\b/.test(line));
  const why = reasons.length > 0 ? reasons.slice(-reasonsMax).join('; ') : (crash ?? said.at(-1));
  return why?.slice(0, lengthMax);
}
