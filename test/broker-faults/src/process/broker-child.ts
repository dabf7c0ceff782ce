import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerOptions } from '@millrace/streaming-core/broker';

const program = join(import.meta.dirname, 'broker-process.ts');

export interface BrokerChild {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  readonly errors: readonly string[];
  /** Why the broker cut peers off, one entry each. */
  readonly cuts: readonly string[];
  readonly isAlive: boolean;
  /** Sends kill -9 and resolves when the process is gone. */
  kill(): Promise<void>;
  /** Resolves when the process has ended for any reason. */
  readonly gone: Promise<void>;
}

export interface ChildOptions extends Pick<
  BrokerOptions,
  'dataFolder' | 'port' | 'flush' | 'limits' | 'groups' | 'transactions' | 'properties'
> {
  /** A command that runs the process, such as `strace` with its options. */
  readonly under?: readonly string[];
}

export async function startBrokerChild({ under = [], ...options }: ChildOptions): Promise<BrokerChild> {
  const node = [
    process.execPath,
    '--conditions=@millrace/source',
    '--no-warnings',
    program,
    JSON.stringify({ port: 0, ...options }),
  ];
  const command = [...under, ...node];
  const child = spawn(command[0] ?? '', command.slice(1), {
    // With io_uring, a sync would not be a separate system call. With several threads, the calls of
    // each would be counted separately. Node's compile cache would add calls of its own.
    env: {
      ...process.env,
      NODE_OPTIONS: '',
      ...(under.length > 0 && {
        UV_USE_IO_URING: '0',
        UV_THREADPOOL_SIZE: '1',
        NODE_DISABLE_COMPILE_CACHE: '1',
      }),
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const errors: string[] = [];
  const cuts: string[] = [];
  const gone = once(child, 'exit');
  const port = await new Promise<number>((resolve, reject) => {
    child.on(
      'message',
      (message: { readonly port?: number; readonly error?: string; readonly cut?: string }) => {
        if (message.port !== undefined) resolve(message.port);
        if (message.error !== undefined) errors.push(message.error);
        if (message.cut !== undefined) cuts.push(message.cut);
      },
    );
    child.once('error', (cause) => reject(new Error(`${command} cannot be run`, { cause })));
    child.once('exit', async (code, signal) => {
      if (child.connected) await once(child, 'disconnect'); // its last messages may still be on their way
      reject(new Error(`the broker ended before it served: ${code ?? signal}; ${errors.join('; ')}`));
    });
  });
  return {
    pid: child.pid ?? 0,
    host: '127.0.0.1',
    port,
    errors,
    cuts,
    get isAlive() {
      return child.exitCode === null && child.signalCode === null;
    },
    async kill() {
      if (under.length > 0 && child.connected)
        child.disconnect(); // the broker ends with its parent, and strace with the broker
      else child.kill('SIGKILL');
      await gone;
    },
    gone: gone.then(() => undefined),
  };
}

/** The resident memory of a process in bytes, now and at its peak. Linux only. */
export function memoryOf({ pid }: Pick<BrokerChild, 'pid'>): {
  readonly nowBytes: number;
  readonly peakBytes: number;
} {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN);
  return { nowBytes: kilobytes('VmRSS') * 1_024, peakBytes: kilobytes('VmHWM') * 1_024 };
}
