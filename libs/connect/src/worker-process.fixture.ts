import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { beforeExit } from '@millrace/testing/within';

/** A worker in a process of its own. */
export interface WorkerProcess extends AsyncDisposable {
  readonly url: string;
  /** Sends SIGKILL and waits for the exit. */
  kill(): Promise<void>;
}

export interface WorkerProcessOptions {
  readonly broker: string;
  readonly groupId?: string;
  readonly sessionTimeoutMs?: number;
}

export async function startWorkerProcess({
  broker,
  groupId = 'connect-cluster',
  sessionTimeoutMs = 6_000,
}: WorkerProcessOptions): Promise<WorkerProcess> {
  const script = new URL('worker.program.ts', import.meta.url).pathname;
  const args = ['--conditions=@millrace/source', script, broker, groupId, String(sessionTimeoutMs)];
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [line] = (await beforeExit(child, once(child.stdout!, 'data'), () => 'its address')) as [Buffer];
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { url: line.toString().trim(), kill, [Symbol.asyncDispose]: kill };
}
