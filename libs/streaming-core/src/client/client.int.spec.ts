import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import { clientFeatures } from './client.features.ts';
import type { Engine } from './client-bench.features.ts';
import { startEngineProcess } from './engine-process.features.ts';

/**
 * The suite runs on the embedded broker, in a child process. KAFKA_BOOTSTRAP_SERVERS names another engine to run it on; with KAFKA_START_COMMAND,
 * a command that runs that engine in the foreground, the suite starts it, and kills it too.
 */
const foreignServers = process.env.KAFKA_BOOTSTRAP_SERVERS;
const foreignCommand = process.env.KAFKA_START_COMMAND;

let engine: Engine;
let dataFolder: string;

beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'millrace-client-'));
  engine = await startEngine();
}, 90_000);

afterAll(async () => {
  await engine?.control?.kill();
  await rm(dataFolder, { recursive: true, force: true });
});

clientFeatures(() => engine, foreignServers === undefined || foreignCommand !== undefined);

async function startEngine(): Promise<Engine> {
  if (foreignServers !== undefined && foreignCommand === undefined) return { bootstrapServers: foreignServers.split(',') };
  if (foreignServers !== undefined && foreignCommand !== undefined) return startEngineProcess(foreignCommand, [], foreignServers);
  const port = await freePort();
  const script = new URL('./embedded-broker.features.ts', import.meta.url).pathname;
  return startEngineProcess(process.execPath, ['--conditions=@millrace/source', script, dataFolder, String(port)], `127.0.0.1:${port}`);
}

/** Fixed before the start, since a broker that comes back has to come back under its address. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
