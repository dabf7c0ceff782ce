import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Engine } from './client-bench.features.ts';

export interface MemberProcess {
  kill(): Promise<void>;
}

/** Starts a group member in a process of its own; resolves once it has partitions. */
export async function startMemberProcess(engine: Engine, groupId: string, topic: string, groupInstanceId = ''): Promise<MemberProcess> {
  const script = new URL('./group-member.features.ts', import.meta.url).pathname;
  const args = ['--conditions=@millrace/source', script, engine.bootstrapServers[0] ?? '', groupId, topic, groupInstanceId];
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  await firstOutput(child);
  return {
    async kill() {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

async function firstOutput(child: ChildProcess): Promise<void> {
  if (!child.stdout) throw new Error('the member process has no output');
  const exited = once(child, 'exit').then(() => Promise.reject(new Error('the member process ended')));
  await Promise.race([once(child.stdout, 'data'), exited]);
  exited.catch(() => undefined);
}
