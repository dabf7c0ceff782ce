import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accountForServer, type SystemAccount } from './account.ts';
import { findBinaries, type PostgresBinaries } from './binaries.ts';
import { clusterVersion, createCluster, reachableFolder, type Credentials } from './data-folder.ts';
import { isAlive, isPostmasterOf, readPostmasterFile } from './leftover.ts';

export interface EmbeddedPostgresOptions {
  readonly dataFolder: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly credentials?: Credentials;
  /** Server settings, as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly startTimeoutMs?: number;
  /** Lines of the server's log. */
  readonly onLog?: (line: string) => void;
  /** Something the operator should know: a folder elsewhere, a left-over server stopped. */
  readonly onNotice?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgres://user:password@127.0.0.1:PORT`, without a database. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataFolder: string;
  /** Resolves when the server's process is gone, however it went. */
  readonly exited: Promise<void>;
  /** A fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
}

/** Why a server cannot start, in one line that says what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError';
}

const majorVersion = '18';

/**
 * Starts PostgreSQL from npm's binaries, creating the cluster the first time. The server listens on loopback only and lives in a
 * session of its own, so that Ctrl-C does not stop it before those who use it. A server that was left over by a killed
 * parent is stopped once its process is proven to be the postmaster of this very folder; on a live parent, lock the folder first.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { onNotice = () => undefined, credentials = { user: 'millrace', password: 'millrace' } } = options;
  const account = accountForServer();
  const dataFolder = await reachableFolder(options.dataFolder, account);
  if (account !== undefined && dataFolder !== resolve(options.dataFolder))
    onNotice(`user ${account.name} cannot enter ${dirname(options.dataFolder)}: PostgreSQL's data are in ${dataFolder}`);
  const binaries = await findBinaries(account, '/var/tmp/millrace-postgres-programs');
  await stopLeftover(dataFolder, onNotice);
  await prepareCluster(dataFolder, binaries, account, credentials);
  const port = await claimPort(options.port);
  return launch({ ...options, dataFolder, port, credentials }, binaries, account);
}

async function prepareCluster(
  dataFolder: string,
  binaries: PostgresBinaries,
  account: SystemAccount | undefined,
  credentials: Credentials,
): Promise<void> {
  const version = await clusterVersion(dataFolder);
  if (version === undefined) return createCluster(dataFolder, binaries, account, credentials);
  if (version !== majorVersion)
    throw new EmbeddedPostgresError(
      `${dataFolder} was made by PostgreSQL ${version}, this is ${majorVersion}: dump it with the old one, or start anew with --fresh`,
    );
}

/** Stops a server that a killed parent left on this folder; does nothing where there is none. `startEmbeddedPostgres` does it too. */
export async function stopLeftoverPostgres(wantedFolder: string, onNotice: (line: string) => void): Promise<void> {
  await stopLeftover(await reachableFolder(wantedFolder, accountForServer()), onNotice);
}

async function stopLeftover(dataFolder: string, onNotice: (line: string) => void): Promise<void> {
  const file = readPostmasterFile(dataFolder);
  if (file === undefined || !isAlive(file.pid)) return;
  if (!isPostmasterOf(file, dataFolder)) return; // the pid belongs to somebody else now, PostgreSQL itself takes the stale file over
  onNotice(`stopping the PostgreSQL that was left over (pid ${file.pid})`);
  process.kill(file.pid, 'SIGINT');
  const limit = Date.now() + 30_000;
  while (isAlive(file.pid) && Date.now() < limit) await sleep(50);
  if (isAlive(file.pid))
    throw new EmbeddedPostgresError(`the left-over PostgreSQL (pid ${file.pid}) does not stop: end it, then start again`);
}

/** Finds out before PostgreSQL does, whose own message does not reach the operator. */
function claimPort(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new EmbeddedPostgresError(
          cause.code === 'EADDRINUSE'
            ? `port ${port} for PostgreSQL is taken: stop whoever listens there, or set POSTGRES_PORT`
            : `PostgreSQL cannot listen on port ${port}: ${cause.message}`,
          { cause },
        ),
      ),
    );
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address();
      const found = typeof address === 'object' && address !== null ? address.port : port;
      probe.close(() => resolve(found));
    });
  });
}

async function launch(
  options: EmbeddedPostgresOptions & { credentials: Credentials },
  binaries: PostgresBinaries,
  account: SystemAccount | undefined,
): Promise<EmbeddedPostgres> {
  const { dataFolder, port, credentials, settings = {}, startTimeoutMs = 30_000, onLog = () => undefined } = options;
  const fixed = { listen_addresses: '127.0.0.1', unix_socket_directories: '', logging_collector: 'off' };
  const flags = Object.entries({ ...fixed, ...settings }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(binaries.postgres, ['-D', dataFolder, '-p', String(port), ...flags], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: realpathSync(dataFolder),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await untilReady(child, startTimeoutMs, onLog);
  return {
    url: `postgres://${credentials.user}:${credentials.password}@127.0.0.1:${port}`,
    port,
    pid: child.pid as number,
    dataFolder,
    exited,
    async stop() {
      child.kill('SIGINT');
      await exited;
    },
  };
}

function untilReady(child: ChildProcess, startTimeoutMs: number, onLog: (line: string) => void): Promise<void> {
  const recent: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (reason: string) =>
      reject(new EmbeddedPostgresError(`PostgreSQL did not start: ${reason}${recent.length > 0 ? `: ${recent.join(' | ')}` : ''}`));
    const timer = setTimeout(() => {
      child.kill('SIGQUIT');
      fail(`not ready after ${startTimeoutMs} ms`);
    }, startTimeoutMs);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`it exited with code ${code}`);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      const lines = chunk.toString('utf8').split('\n').filter(Boolean);
      lines.forEach(onLog);
      recent.push(...lines);
      recent.splice(0, recent.length - 5);
      if (lines.some((line) => line.includes('database system is ready to accept connections'))) {
        clearTimeout(timer);
        resolve();
      }
    });
  });
}
