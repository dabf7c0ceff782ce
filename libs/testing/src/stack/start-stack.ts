import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
  readonly pids: Readonly<Record<string, number>>;
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

/** The whole system as users run it, every part a process of its own, on free ports with data in a temporary folder. */
export async function startStack(environment: Readonly<Record<string, string>> = {}): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-stack-'));
  await chmod(folder, 0o755); // as root, PostgreSQL runs as another user, who has to pass through
  const child = spawnStack(join(folder, 'data'), environment);
  const output = keepOutput(child);
  let report: StackReport | undefined;
  child.on('message', (message) => {
    if (isReport(message)) report = message;
  });
  const current = () => {
    if (report === undefined) throw new Error(`the stack is not ready: ${output()}`);
    return report;
  };
  await until(`the stack to be ready: ${output()}`, readyTimeoutMs, () => {
    if (child.exitCode !== null) throw new Error(`the stack ended with exit code ${child.exitCode}: ${output()}`);
    return report !== undefined;
  });
  const { pids: _pids, ...places } = current();
  return {
    ...places,
    pid: (part) => current().pids[part],
    async kill(part) {
      const victim = current().pids[part];
      if (victim === undefined) throw new Error(`${part} is not running`);
      process.kill(victim, 'SIGKILL');
      await until(`${part} to come back`, restartTimeoutMs, () => (current().pids[part] ?? victim) !== victim);
    },
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
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

/** The last lines, for error messages. */
function keepOutput(child: ChildProcess): () => string {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      lines.push(chunk.toString('utf8'));
      lines.splice(0, lines.length - 20);
    });
  return () => lines.join('').trim();
}

const isReport = (message: unknown): message is StackReport =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';

/** Polls a condition; rejects at the limit, naming what did not happen. */
export async function until(what: string, limitMs: number, met: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + limitMs;
  while (!(await met())) {
    if (performance.now() > limit) throw new Error(`waited ${limitMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
