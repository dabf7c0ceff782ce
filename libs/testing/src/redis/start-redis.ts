import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePorts } from '../kafka/free-ports.ts';

export interface TestRedis {
  /** `redis://127.0.0.1:PORT` */
  readonly url: string;
  /** Kills it with SIGKILL, and returns a function that starts it again with its data. */
  kill(): Promise<() => Promise<void>>;
  /** Stops it and deletes its data. */
  stop(): Promise<void>;
}

const startMsMax = 30_000;

/**
 * Starts the machine's `redis-server` in a folder of its own, so that it has every acknowledged write
 * after a kill. `npm run verify -- redis` installs it.
 */
export async function startRedis(): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-redis-'));
  const [port = 0] = await freePorts(1);
  const forget = () => rm(folder, { recursive: true, force: true });
  let server = await spawnRedis(port, folder).catch(async (error: unknown) => {
    await forget();
    throw error;
  });
  const kill = async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    async kill() {
      await kill();
      return async () => void (server = await spawnRedis(port, folder));
    },
    async stop() {
      if (server.exitCode === null && server.signalCode === null) await kill();
      await forget();
    },
  };
}

async function spawnRedis(port: number, folder: string) {
  const durable = ['--appendonly', 'yes', '--appendfsync', 'always'];
  const address = ['--bind', '127.0.0.1', '--port', String(port)];
  const server = spawn('redis-server', [...address, '--dir', folder, ...durable], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(server, 'spawn');
  const lines = createInterface(server.stdout);
  const ready = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => line.includes('Ready to accept connections') && resolve());
    lines.once('close', () => reject(new Error('redis-server ended before it was ready')));
    AbortSignal.timeout(startMsMax).addEventListener('abort', () =>
      reject(new Error(`redis-server was not ready after ${startMsMax} ms`)),
    );
  });
  await ready.catch((error: unknown) => {
    server.kill('SIGKILL');
    throw error;
  });
  return server;
}
