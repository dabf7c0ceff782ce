import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

const workspace = join(import.meta.dirname, '../../../..');

/** Where everything is. */
export interface StackPlaces {
  readonly urls: Readonly<Record<ServiceName, string>>;
  readonly postgresUrl: string;
  readonly bootstrapServers: string;
  readonly mailFolder: string;
  readonly dataFolder: string;
}

/** What the stack says when it is ready and after each restart of a part. */
interface StackReport extends StackPlaces {
  /** Process ids by part, without those that were down. */
  readonly pids: Readonly<Record<string, number | undefined>>;
}

export type ServiceName = 'order' | 'inventory' | 'payment' | 'shipping' | 'notification';

export interface TestStack extends StackPlaces {
  /** Process id of a part now; undefined while it is down. */
  pid(part: ServiceName | 'broker' | 'postgres'): number | undefined;
  /** kill -9, by the id that the stack reported. Resolves once the supervisor has brought the part back. */
  kill(part: ServiceName | 'broker'): Promise<void>;
  /** Stops everything cleanly and deletes the data. */
  stop(): Promise<void>;
}

const readyTimeoutMs = 90_000;
const restartTimeoutMs = 60_000;
const stopTimeoutMs = 60_000;

/** The whole system as users run it, every part a process of its own, on free ports with data in a temporary folder. Nothing is left of one that fails to start. */
export async function startStack(environment: Readonly<Record<string, string>> = {}): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-stack-'));
  await chmod(folder, 0o755); // as root, PostgreSQL runs as another user, who has to pass through
  const stack = followStack(spawnStack(join(folder, 'data'), environment));
  const stop = () => stack.stop().finally(() => rm(folder, { recursive: true, force: true }));
  try {
    await until('the stack to be ready', readyTimeoutMs, () => stack.report() !== undefined);
  } catch (error) {
    await stop();
    throw new Error(`the stack does not start: ${stack.output()}`, { cause: error });
  }
  const pid = (part: string) => stack.report()?.pids[part];
  const { urls, postgresUrl, bootstrapServers, mailFolder, dataFolder } = stack.report()!;
  return {
    ...{ urls, postgresUrl, bootstrapServers, mailFolder, dataFolder, pid, stop },
    async kill(part) {
      const victim = pid(part);
      if (victim === undefined) throw new Error(`${part} is not running: ${stack.output()}`);
      process.kill(victim, 'SIGKILL');
      await until(`${part} to come back`, restartTimeoutMs, () => ![undefined, victim].includes(pid(part)));
    },
  };
}

/** What is known of a stack from outside. `report` throws once it has ended. */
function followStack(child: ChildProcess) {
  const output = keepOutput(child);
  let last: StackReport | undefined;
  child.on('message', (message) => {
    if (isReport(message)) last = message;
  });
  const killAll = () => [child.pid, ...Object.values(last?.pids ?? {})].forEach(killIfAlive);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    output,
    report() {
      if (hasEnded()) throw new Error(`the stack has ended (${child.signalCode ?? child.exitCode}): ${output()}`);
      return last;
    },
    async stop() {
      if (child.signalCode !== null) killAll(); // it was killed and could not stop its parts
      if (hasEnded()) return;
      const ended = once(child, 'exit', { signal: AbortSignal.timeout(stopTimeoutMs) });
      child.kill('SIGTERM');
      await ended.catch((cause: unknown) => {
        killAll();
        throw new Error(`the stack did not stop within ${stopTimeoutMs} ms and was killed: ${output()}`, { cause });
      });
    },
  };
}

function killIfAlive(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
}

const freePorts = Object.fromEntries(
  ['POSTGRES', 'BROKER', 'SMTP', 'ORDER', 'INVENTORY', 'PAYMENT', 'SHIPPING', 'NOTIFICATION'].map((part) => [`${part}_PORT`, '0']),
);

function spawnStack(dataFolder: string, environment: Readonly<Record<string, string>>): ChildProcess {
  const flags = [
    '--conditions=@millrace/source',
    '--import',
    join(workspace, 'tools/register.mjs'),
    join(workspace, 'apps/stack/src/main.ts'),
    '--no-samples',
  ];
  const { NODE_OPTIONS: _jestOnly, ...inherited } = process.env;
  return spawn(process.execPath, flags, {
    cwd: workspace,
    env: { ...inherited, ...freePorts, MILLRACE_DATA: dataFolder, LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

const outputLengthMax = 4_000;

/** The end of what it printed, for error messages. */
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
