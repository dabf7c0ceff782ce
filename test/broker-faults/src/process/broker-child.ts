import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerOptions } from '@millrace/streaming-core/broker';

const program = join(import.meta.dirname, 'broker-process.ts');

/** A broker that runs in a process of its own. */
export interface BrokerChild {
  readonly pid: number;
  readonly host: string;
  readonly port: number;
  /** What it logged as an error. */
  readonly errors: readonly string[];
  /** Why it cut peers off, one by one. */
  readonly cuts: readonly string[];
  readonly isAlive: boolean;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

export async function startBrokerChild(
  options: Pick<BrokerOptions, 'dataFolder' | 'port' | 'flush' | 'limits' | 'groups' | 'transactions'>,
): Promise<BrokerChild> {
  const child = fork(program, [JSON.stringify({ port: 0, ...options })], {
    execArgv: ['--conditions=@millrace/source', '--no-warnings'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [errors, cuts]: [string[], string[]] = [[], []];
  const gone = once(child, 'exit');
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (message: { readonly port?: number; readonly error?: string; readonly cut?: string }) => {
      if (message.port !== undefined) resolve(message.port);
      if (message.error !== undefined) errors.push(message.error);
      if (message.cut !== undefined) cuts.push(message.cut);
    });
    child.once('exit', (code, signal) => reject(new Error(`the broker ended before it served: ${code ?? signal}; ${errors.join('; ')}`)));
  });
  return {
    ...{ pid: child.pid ?? 0, host: '127.0.0.1', port, errors, cuts },
    get isAlive() {
      return child.exitCode === null && child.signalCode === null;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Resident memory of a process, now and at its highest, in bytes. Linux only. */
export function memoryOf({ pid }: Pick<BrokerChild, 'pid'>): { readonly nowBytes: number; readonly peakBytes: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN);
  return { nowBytes: kilobytes('VmRSS') * 1_024, peakBytes: kilobytes('VmHWM') * 1_024 };
}
