import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '@millrace/streaming-core/broker';
import { startProjectServers, type ProjectLog } from './start-project-servers.ts';

/** Sets up `*.int.spec.ts`, whose log is the embedded broker. */
export default (): Promise<void> => startProjectServers(startEmbeddedLog);

async function startEmbeddedLog(): Promise<ProjectLog> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-broker-'));
  const forget = () => rm(folder, { recursive: true, force: true });
  const broker = await startBroker({ dataFolder: folder, port: 0 }).catch(async (error: unknown) => {
    await forget();
    throw error;
  });
  return { bootstrapServers: `${broker.host}:${broker.port}`, stop: () => broker.close().finally(forget) };
}
