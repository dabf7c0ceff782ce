import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '@millrace/streaming-core/broker';
import { startPostgresServer } from '../postgres/index.ts';
import './project-servers.ts';

/** One PostgreSQL and one broker per Jest project; its test files find them in the environment. */
export default async function setUpProject(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-broker-'));
  const [postgres, broker] = await Promise.all([startPostgresServer(), startBroker({ dataFolder: folder, port: 0 })]);
  process.env.MILLRACE_TEST_POSTGRES = postgres.url;
  process.env.MILLRACE_TEST_BROKER = `${broker.host}:${broker.port}`;
  globalThis.millraceProjectServers = {
    async stop() {
      await Promise.all([postgres.stop(), broker.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
