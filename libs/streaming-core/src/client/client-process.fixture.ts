import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Engine } from './client.fixture.ts';

/** A client in a process of its own, to be killed. */
export interface ClientProcess {
  /** With -9. */
  kill(): Promise<void>;
}

/** Starts the program at this path from this file with the broker's address and `args`; resolves once it has said that it is there. */
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
  if (!child.stdout) throw new Error('the process has no output');
  const exited = once(child, 'exit').then(() => Promise.reject(new Error('the process ended')));
  await Promise.race([once(child.stdout, 'data'), exited]);
  exited.catch(() => undefined);
}
