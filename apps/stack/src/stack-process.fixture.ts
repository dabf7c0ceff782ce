import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programCommand } from '@millrace/testing/program-command';
import { inTime } from '@millrace/testing/within';
import { stack } from './stack.ts';
import { listeners } from './definition/define-stack.ts';

const workspace = join(import.meta.dirname, '../../..');

/** The report that the stack sends over IPC. */
export interface Report {
  readonly type: 'ready';
  readonly urls: Readonly<Record<string, string>>;
  readonly postgresUrl: string;
  readonly keysUrl: string;
  readonly bootstrapServers: string;
  readonly mailFolder: string;
  readonly dataFolder: string;
  readonly pids: Readonly<Record<string, number>>;
}

export interface StackProcess {
  readonly pid: number;
  stdout(): string;
  stderr(): string;
  report(): Report;
  ready(limitMs?: number): Promise<Report>;
  /** Resolves once the stack has printed the text. Rejects if the stack ends before that. */
  says(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  disconnect(): void;
  /** Resolves with the exit code or signal. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-stack-'));
  // Under root, PostgreSQL runs as another user, which must be able to enter.
  await chmod(folder, 0o755);
  return folder;
}

export const freePorts = Object.fromEntries(listeners(stack).map(({ portSetting }) => [portSetting, '0']));

const launched: { child: ChildProcess; dataFolder: string }[] = [];

/** Kills whatever a failed test has left running. */
export function endStacks(): void {
  for (const { child, dataFolder } of launched.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    for (const pid of processesOf(dataFolder)) process.kill(pid, 'SIGKILL');
  }
}

export function launchStack(
  dataFolder: string,
  args: readonly string[],
  settings: Readonly<Record<string, string>> = {},
): StackProcess {
  const { NODE_OPTIONS: _ofJest, LOG_LEVEL: _ofTheShell, FORCE_COLOR: _ofNx, ...inherited } = process.env;
  const child = spawn(process.execPath, [...programCommand('apps/stack/src/main.ts'), ...args], {
    cwd: workspace,
    env: { ...inherited, ...freePorts, MILLRACE_DATA: dataFolder, ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  }) as ChildProcessWithoutNullStreams;
  launched.push({ child, dataFolder });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString('utf8')));
  let latest: Report | undefined;
  child.on('message', (message) => (latest = message as Report));
  let over = false;
  // Does not use the event `close`, which is not emitted after we have called `disconnect`.
  const ended = Promise.all([
    once(child, 'exit'),
    once(child.stdout, 'close'),
    once(child.stderr, 'close'),
  ]).then(([[code, signal]]) => {
    over = true;
    return (code ?? signal) as number | NodeJS.Signals;
  });
  const all = () => output.stdout + output.stderr;
  const unlessOver = (what: string, met: () => boolean, limitMs?: number) =>
    until(
      () => `${what} in: ${all()}`,
      () => {
        if (!met() && over) throw new Error(`the stack ended without ${what}: ${all()}`);
        return met();
      },
      limitMs,
    );
  const report = () => {
    if (latest === undefined) throw new Error(`the stack is not ready: ${all()}`);
    return latest;
  };
  return {
    pid: child.pid as number,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    report,
    ready: (limitMs) => unlessOver('being ready', () => latest !== undefined, limitMs).then(report),
    says: (text) => unlessOver(`saying "${text}"`, () => all().includes(text)),
    kill: (signal) => void child.kill(signal),
    disconnect: () => child.disconnect(),
    get ended() {
      return inTime(ended, () => `the stack to end: ${all()}`, 90_000);
    },
  };
}

export async function until(
  what: string | (() => string),
  met: () => boolean | Promise<boolean>,
  limitMs = 40_000,
): Promise<void> {
  const limit = performance.now() + limitMs;
  while (!(await met())) {
    if (performance.now() > limit)
      throw new Error(`waited ${limitMs} ms for ${typeof what === 'string' ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Finds the processes that a stack on this folder has started, directly or not, by the environment
 * that they inherit. Needs /proc.
 */
export function processesOf(dataFolder: string): readonly number[] {
  const mark = `MILLRACE_DATA=${dataFolder}\0`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(mark))
    .map(Number);
}

function environmentOf(pid: string): string {
  try {
    return `${readFileSync(`/proc/${pid}/environ`, 'utf8')}\0`;
  } catch {
    return ''; // it has just ended
  }
}

/** Finds what an ended stack has left behind. It may leave data, but no process and no lock. */
export const leftBehind = (dataFolder: string): { processes: readonly number[]; lock: boolean } => ({
  processes: processesOf(dataFolder),
  lock: existsSync(join(dataFolder, 'stack.pid')),
});

export const nothing = { processes: [], lock: false };
