import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { workspace } from '../workspace.ts';

export interface TestServers {
  /** Variables that tell Jest's global setup to use these servers. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/**
 * Starts one PostgreSQL and one broker for several runs of Jest, each of which creates its own
 * databases and topics.
 */
export async function startTestServers(): Promise<TestServers> {
  const program = ['tools/run.mjs', 'libs/testing/src/jest/serve-projects.program.ts'];
  const child = spawn(process.execPath, program, { cwd: workspace, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const addresses = once(createInterface(child.stdout), 'line').then(([line]) => String(line));
  const first = await Promise.race([addresses, ended.then(() => undefined)]);
  if (first === undefined) throw new Error('the servers of the integration tests did not start: see above');
  return {
    environment: JSON.parse(first) as Record<string, string>,
    async stop() {
      child.stdin.end();
      await ended;
    },
  };
}
