import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';
import { programCommand, programEnvironment } from '@millrace/testing/program-command';

it('ends with code 1 and says why if its database stays away', async () => {
  const child = spawn(process.execPath, programCommand('apps/dashboard/src/main.ts'), {
    env: {
      ...programEnvironment(),
      DASHBOARD_DATABASE_URL: 'postgres://nobody@127.0.0.1:9/dashboard',
      KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:9',
      DASHBOARD_PORT: '0',
      DASHBOARD_STATE_DIR: 'nowhere',
      STARTUP_WAIT_MS: '1000',
    },
    // Without a channel to its parent, as from a shell: the channel would keep it alive.
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(said).toContain('dashboard: cannot start: cannot reach the database 127.0.0.1:9/dashboard');
  expect(code).toBe(1);
}, 120_000);
