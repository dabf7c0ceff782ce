import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '@millrace/streaming-core/broker';
import { startPostgresServer } from '../postgres/index.ts';
import './project-servers.ts';

/** One PostgreSQL and one broker per Jest project; its test files find them in the environment. Where one fails to start, the other is stopped. */
export default async function setUpProject(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-broker-'));
  const starting = [startPostgresServer(), startBroker({ dataFolder: folder, port: 0 })] as const;
  const stop = async () => {
    const [postgres, broker] = await Promise.allSettled(starting);
    const stops = [
      postgres.status === 'fulfilled' ? postgres.value.stop() : undefined,
      broker.status === 'fulfilled' ? broker.value.close() : undefined,
    ];
    const stopped = await Promise.allSettled(stops);
    await rm(folder, { recursive: true, force: true });
    for (const outcome of stopped) if (outcome.status === 'rejected') throw outcome.reason;
  };
  try {
    const [postgres, broker] = await Promise.all(starting);
    process.env.MILLRACE_TEST_POSTGRES = postgres.url;
    process.env.MILLRACE_TEST_BROKER = `${broker.host}:${broker.port}`;
  } catch (error) {
    await stop(); // Jest calls no teardown after a setup that failed
    throw error;
  }
  globalThis.millraceProjectServers = { stop };
}
