import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { beforeExit } from '@millrace/testing/within';

/** A registry in a process of its own, because a serde blocks its process while it waits for the registry. */
export interface RegistryProcess {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startRegistryProcess(bootstrapServers: string): Promise<RegistryProcess> {
  const script = new URL('./registry.program.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=@millrace/source', script, bootstrapServers], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const [url] = (await beforeExit(child, once(lines, 'line'), () => 'the registry to listen')) as [string];
  return {
    url,
    async stop() {
      const ended = once(child, 'exit');
      child.stdin.end();
      await ended;
    },
  };
}
