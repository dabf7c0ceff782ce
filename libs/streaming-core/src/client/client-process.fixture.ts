import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { beforeExit } from '@millrace/testing/within';
import type { Engine } from './client.fixture.ts';

/** A client in a process of its own, which a test can kill. */
export interface ClientProcess {
  /** Sends SIGKILL and waits for the exit. */
  kill(): Promise<void>;
}

/**
 * Starts a program with the broker's address and `args`. The path is relative to this file.
 * Resolves once the program has written something to its standard output.
 */
export async function startClientProcess(
  program: string,
  engine: Engine,
  ...args: readonly string[]
): Promise<ClientProcess> {
  const script = new URL(program, import.meta.url).pathname;
  const child = spawn(
    process.execPath,
    ['--conditions=@millrace/source', script, engine.bootstrapServers[0] ?? '', ...args],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );
  await firstOutput(child);
  return {
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function firstOutput(child: ChildProcess): Promise<void> {
  if (!child.stdout) throw new Error('the process has no standard output');
  await beforeExit(child, once(child.stdout, 'data'), () => 'its first output');
}
