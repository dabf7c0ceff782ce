import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ServiceName } from '@millrace/books';
import { programCommand } from '@millrace/testing/program-command';

export { serviceNames, type ServiceName } from '@millrace/books';

const workspace = join(import.meta.dirname, '../../../..');

/** The addresses and folders of a running stack. */
export interface StackPlaces {
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** The URL of every service process, such as `order` and `order-2`. */
  readonly instances: Readonly<Record<string, string>>;
  /** The URL of the operator API of every service process, by the same names. */
  readonly operators?: Readonly<Record<string, string>>;
  readonly postgresUrl: string;
  readonly keysUrl: string;
  readonly bootstrapServers: string;
  readonly smtpUrl: string;
  readonly mailFolder: string;
  readonly dataFolder: string;
  /** The URL of the console, if the stack was started with one, as for traces. */
  readonly consoleUrl?: string;
}

/** The report that the stack sends when it is ready and after each restart of a part. */
export interface StackReport extends StackPlaces {
  /** The process id of each part that was running. */
  readonly pids: Readonly<Record<string, number | undefined>>;
}

/** One run of `npm start`. */
export interface StackRun {
  /** The process id of the supervisor. */
  readonly pid: number;
  /** Returns the latest report. Throws once the stack has ended. */
  report(): StackReport | undefined;
  /** The end of its output, for error messages. */
  output(): string;
  /** Resolves once the supervisor is gone. */
  readonly ended: Promise<void>;
  /** Stops everything cleanly. If that fails, it kills everything and rejects. */
  stop(): Promise<void>;
}

const stopTimeoutMs = 60_000;

/** Starts a stack. Its processes end when the IPC channel to this process closes. */
export function spawnStack(args: readonly string[], environment: Readonly<Record<string, string>>): StackRun {
  const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
  const child = spawn(process.execPath, [...programCommand('apps/stack/src/main.ts'), ...args], {
    cwd: workspace,
    env: { ...inherited, LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const output = keepOutput(child);
  let last: StackReport | undefined;
  child.on('message', (message) => {
    if (isReport(message)) last = message;
  });
  const killAll = () => [child.pid, ...Object.values(last?.pids ?? {})].forEach(killIfAlive);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    output,
    ended: new Promise((resolve) => child.once('exit', () => resolve())),
    report() {
      if (hasEnded())
        throw new Error(`the stack has ended (${child.signalCode ?? child.exitCode}): ${output()}`);
      return last;
    },
    async stop() {
      // The supervisor was killed and could not stop its parts.
      if (child.signalCode !== null) killAll();
      if (hasEnded()) return;
      const ended = once(child, 'exit', { signal: AbortSignal.timeout(stopTimeoutMs) });
      child.kill('SIGTERM');
      await ended.catch((cause: unknown) => {
        killAll();
        throw new Error(`the stack did not stop within ${stopTimeoutMs} ms and was killed: ${output()}`, {
          cause,
        });
      });
    },
  };
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export function killIfAlive(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
}

const outputLengthMax = 4_000;

function keepOutput(child: ChildProcess): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-outputLengthMax);
    });
  return () => output.trim();
}

const isReport = (message: unknown): message is StackReport =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
