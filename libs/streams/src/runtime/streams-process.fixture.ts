import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeExit, inTime } from '@millrace/testing/within';

/** A stream application in a process of its own. */
export interface StreamsProcess extends AsyncDisposable {
  readonly pid: number;
  /** Resolves with the next line of its standard output. */
  line(): Promise<string>;
  /** Resolves when the process has ended. */
  ended(): Promise<void>;
  /** Sends SIGKILL and waits for the exit. */
  kill(): Promise<void>;
}

/** Starts a program in the folder of this file. It is killed at the end of its scope. */
export function startStreamsProcess(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): StreamsProcess {
  const script = new URL(program, import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=@millrace/source', script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', ...environment },
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    pid: child.pid ?? -1,
    async line() {
      const [text] = (await beforeExit(child, once(child.stdout, 'data'), () => 'a line')) as [Buffer];
      return text.toString().trim();
    },
    async ended() {
      if (child.exitCode === null && child.signalCode === null)
        await inTime(once(child, 'exit'), () => 'its end');
    },
    kill,
    [Symbol.asyncDispose]: kill,
  };
}
