import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const messagesKeptMax = 4_000;

export interface Program {
  /** Resolves to its exit code or to the signal that killed it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  /** The text on its standard output so far. */
  output(): string;
  /** The text on its standard error so far, for failure messages. */
  errors(): string;
  kill(signal: NodeJS.Signals): void;
  /**
   * Starts the work of a program that waits for it. Such a program loads ahead of time, since that
   * takes a second.
   */
  go(): void;
}

const running = new Set<Program>();

/** Starts a program of this folder with the task as its JSON argument. */
export function startProgram(file: string, task: object): Program {
  const script = join(import.meta.dirname, file);
  const child = spawn(
    process.execPath,
    ['--conditions=@millrace/source', '--no-warnings', script, JSON.stringify(task)],
    {
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE },
      stdio: ['pipe', 'pipe', 'pipe'], // its end of the first pipe closes with the test: nothing stays behind
    },
  );
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-messagesKeptMax)));
  child.stderr.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-messagesKeptMax)));
  const ended = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals);
  const program: Program = {
    ended,
    output: () => output,
    errors: () => errors,
    kill: (signal) => void child.kill(signal),
    go: () => void child.stdin.write('go\n'),
  };
  running.add(program);
  void ended.then(() => running.delete(program));
  return program;
}

/** Kills all programs that still run. Call it at the end of a test. */
export async function killPrograms(): Promise<void> {
  const left = [...running];
  for (const program of left) program.kill('SIGKILL');
  await Promise.all(left.map(({ ended }) => ended));
}

/**
 * Runs a program to its end once for each task and resolves to how often it killed itself. Rejects
 * on any other failure.
 */
export async function runUntilDone(file: string, tasks: readonly object[]): Promise<number> {
  let kills = 0;
  for (const task of tasks) {
    const program = startProgram(file, task);
    const end = await program.ended;
    if (end === 'SIGKILL') kills += 1;
    else if (end !== 0) throw new Error(`${file} ended with ${end}: ${program.errors()}`);
  }
  return kills;
}
