import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Child {
  /** Sends SIGKILL and resolves when the process is gone. */
  kill(): Promise<void>;
  /** Sends SIGSTOP. Connections stay open, but nothing happens on them. */
  pause(): void;
  wake(): void;
}

/** Starts a program of this folder. Its argument is the task as JSON. Resolves once it is ready. */
export async function startChild(program: string, task: object): Promise<Child> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@millrace/source',
      '--no-warnings',
      join(import.meta.dirname, program),
      JSON.stringify(task),
    ],
    { env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const gone = once(child, 'exit');
  const failed = gone.then(([code]) => Promise.reject(new Error(`${program} ended with ${code}`)));
  await Promise.race([once(child, 'message'), failed]);
  failed.catch(() => undefined);
  return {
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    pause: () => void child.kill('SIGSTOP'),
    wake: () => void child.kill('SIGCONT'),
  };
}
