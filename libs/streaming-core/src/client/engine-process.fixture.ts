import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { silentLogger } from '../runtime/index.ts';
import { connectAdmin } from './admin/admin.ts';
import { type Engine, type EngineControl } from './client.fixture.ts';

export interface EngineProcess extends Engine {
  readonly control: EngineControl;
}

/**
 * Starts a broker as a child process at a fixed address, where a test can kill it and start it
 * again. Resolves once the broker answers.
 */
export async function startEngineProcess(
  command: string,
  args: readonly string[],
  bootstrapServer: string,
): Promise<EngineProcess> {
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn(command, args, {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    const admin = connectAdmin({
      bootstrapServers: [bootstrapServer],
      clientId: 'engine-start',
      logger: silentLogger,
    });
    await admin.waitUntilReachable(60_000).finally(() => admin.close());
  };
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const freeze = () => void child?.kill('SIGSTOP');
  const thaw = () => void child?.kill('SIGCONT');
  await start();
  return { bootstrapServers: [bootstrapServer], control: { kill, start, freeze, thaw } };
}
