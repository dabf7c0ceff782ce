import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { programCommand, programEnvironment } from '../program-command.ts';
import { inTime } from '../within.ts';

const workspace = join(import.meta.dirname, '../../../..');

/** How much of a service's log the error names if the service is too slow. */
const logCharactersMax = 8_000;

/** A service as a process of its own, started from its `main.ts`. */
export interface ServiceProcess {
  readonly pid: number;
  /**
   * Resolves with the message to its parent once it serves. Rejects with its stderr if it ends
   * before that. A service that does not serve in time is killed, and this rejects with the last lines of
   * its log.
   */
  readonly ready: Promise<{ readonly type: string; readonly url: string }>;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the IPC channel, as the loss of its parent would. */
  disconnect(): void;
}

/**
 * Runs a service. `folder` is its `src`, `root` the workspace that it is in. From this process's
 * environment it gets only PATH and the settings of the bundles.
 */
export function runServiceProcess(folder: string, env: NodeJS.ProcessEnv, root = workspace): ServiceProcess {
  const command = programCommand(relative(root, join(folder, 'main.ts')), root);
  const child = spawn(process.execPath, command, {
    env: { ...programEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (child.stdout === null || child.stderr === null) throw new TypeError('both outputs are piped');
  let stderr = '';
  let log = '';
  child.stdout.on('data', (chunk) => (log = `${log}${String(chunk)}`.slice(-logCharactersMax)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  // Does not use `close`, which node does not emit for a child that its parent has disconnected.
  const ended = Promise.all([once(child, 'exit'), once(child.stderr, 'end')]).then(([[code]]) => ({
    code: code as number | null,
    stderr,
  }));
  const ready = Promise.race([
    once(child, 'message').then(([message]) => message as { type: string; url: string }),
    ended.then(({ code }) => {
      throw new Error(`${folder} ended with ${code ?? 'a signal'} before it was ready: ${stderr}`);
    }),
  ]);
  ready.catch(() => undefined); // a test of a start that fails reads only `ended`
  return {
    pid: child.pid ?? 0,
    get ready() {
      return inTime(ready, () => `${folder} to be ready: ${stderr}${log}`).catch((error: unknown) => {
        child.kill('SIGKILL'); // its channel would keep this process alive
        throw error;
      });
    },
    get ended() {
      return inTime(ended, () => `${folder} to end: ${stderr}${log}`);
    },
    kill: (signal) => void child.kill(signal),
    disconnect: () => child.disconnect(),
  };
}
