import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@millrace/embedded-postgres';

export interface PostgresServer {
  /** `postgres://user:password@127.0.0.1:PORT`, without a database. */
  readonly url: string;
  /**
   * Kills the server with kill -9, and returns a function that brings it back at its address with
   * its data.
   */
  kill(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /**
   * Off by default, because a test that kills only processes loses nothing by that and creates
   * databases faster.
   */
  readonly fsync?: boolean;
  /** Further settings of the server. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts a real PostgreSQL on a free port in a temporary folder, which `stop` deletes. */
export async function startPostgresServer({
  fsync = false,
  settings: more = {},
}: PostgresServerOptions = {}): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-postgres-'));
  // Under root, the server runs as another user, which must be able to enter.
  await chmod(folder, 0o711);
  const settings = {
    max_connections: '200',
    max_prepared_transactions: '20',
    transaction_timeout: '60s',
    fsync: fsync ? 'on' : 'off',
    ...more,
  };
  const start = (port: number) => startEmbeddedPostgres({ dataFolder: join(folder, 'data'), port, settings });
  let server = await start(0).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    url: server.url,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      return async () => void (server = await start(server.port));
    },
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
      await rm(server.dataFolder, { recursive: true, force: true });
    },
  };
}
