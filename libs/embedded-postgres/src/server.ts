import { spawn, type ChildProcess } from 'node:child_process';
import { createServer, connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accountForServer, type SystemAccount } from './server-account.ts';
import { findBinaries, type PostgresBinaries } from './binaries.ts';
import {
  clusterFolder,
  clusterVersion,
  createCluster,
  defaultCredentials,
  possibleFolders,
  removeClusters,
  type ClusterOptions,
  type Credentials,
} from './data-folder.ts';
import { EmbeddedPostgresError } from './errors.ts';
import { stopLeftover, type LeftoverStop } from './leftover.ts';

export interface EmbeddedPostgresOptions {
  readonly dataFolder: string;
  /** 0 means any free port. */
  readonly port: number;
  /** The environment variable that sets the port, for error messages: `POSTGRES_PORT` by default. */
  readonly portSetting?: string;
  readonly credentials?: Credentials;
  /** Server settings, as `-c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The size of the files of the write-ahead log of a new cluster, a power of 2: 16 by default. */
  readonly walSegmentMegabytes?: number;
  readonly startTimeoutMs?: number;
  /** How long a left-over server may take to stop. */
  readonly leftoverStop?: LeftoverStop;
  readonly onLog?: (line: string) => void;
  /**
   * Called with lines for the operator, such as that the data are elsewhere or that a left-over
   * server was stopped.
   */
  readonly onNotice?: (line: string) => void;
  /** Called with the server's process id before the server is ready. */
  readonly onSpawn?: (pid: number) => void;
  /**
   * When it is aborted, initdb is ended or the server is stopped, and the start rejects with the
   * signal's reason once nothing is left.
   */
  readonly signal?: AbortSignal;
}

export interface EmbeddedPostgres {
  /** `postgres://user:password@127.0.0.1:PORT`, without a database. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly dataFolder: string;
  /** Resolves once the server's process is gone, with the signal or exit code that ended it. */
  readonly exited: Promise<string>;
  /** Resolves once the server has answered. A server that is stopped or hangs does not answer. */
  answer(signal: AbortSignal): Promise<void>;
  /**
   * Runs a fast shutdown: open transactions are rolled back, and everything committed is on disk. A
   * shutdown that takes too long is cut short.
   */
  stop(): Promise<void>;
}

const majorVersion = '18';

/**
 * Starts PostgreSQL from npm's binaries, and creates the cluster the first time. The server listens
 * on loopback only and has a session of its own, so that Ctrl-C does not stop it before its users.
 * A server that a killed parent has left is stopped once its process is proven to be the postmaster
 * of this very folder. Lock the folder first if its parent may be alive.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { onNotice = () => undefined, credentials = defaultCredentials } = options;
  const account = accountForServer();
  const dataFolder = await clusterFolder(options.dataFolder, account);
  if (account !== undefined && dataFolder !== resolve(options.dataFolder))
    onNotice(
      `user ${account.name} cannot enter ${dirname(options.dataFolder)}: PostgreSQL's data are in ${dataFolder}`,
    );
  const binaries = await findBinaries(account, '/var/tmp/millrace-postgres-programs');
  await stopLeftover(dataFolder, onNotice, options.leftoverStop);
  await prepareCluster(dataFolder, { ...options, binaries, account, credentials });
  options.signal?.throwIfAborted();
  const port = await claimPort(options.port, options.portSetting);
  return launchOnceFree({ ...options, dataFolder, port, credentials }, binaries, account);
}

async function prepareCluster(dataFolder: string, options: ClusterOptions): Promise<void> {
  const version = await clusterVersion(dataFolder);
  if (version === undefined) return createCluster(dataFolder, options);
  if (version !== majorVersion)
    throw new EmbeddedPostgresError(
      `${dataFolder} was created by PostgreSQL ${version}, but this is ${majorVersion}: ` +
        'dump it with the old version, or start over with --fresh',
    );
}

/**
 * Stops a server that a killed parent has left on this folder, if there is one.
 * `startEmbeddedPostgres` does this too.
 */
export async function stopLeftoverPostgres(
  wantedFolder: string,
  onNotice: (line: string) => void,
): Promise<void> {
  for (const folder of possibleFolders(wantedFolder)) await stopLeftover(folder, onNotice);
}

/**
 * Stops a left-over server and deletes its data, even if they are elsewhere because a parent folder
 * is closed.
 */
export async function removeEmbeddedPostgres(
  wantedFolder: string,
  onNotice: (line: string) => void,
): Promise<void> {
  await stopLeftoverPostgres(wantedFolder, onNotice);
  await removeClusters(wantedFolder);
}

/**
 * Checks the port before PostgreSQL does, because PostgreSQL's own message does not reach the
 * operator.
 */
function claimPort(port: number, portSetting = 'POSTGRES_PORT'): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new EmbeddedPostgresError(
          cause.code === 'EADDRINUSE'
            ? `port ${port} for PostgreSQL is taken: stop the program that listens there, or set ${portSetting}`
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

type LaunchOptions = EmbeddedPostgresOptions & { readonly credentials: Credentials };

const ownerGoneTimeoutMs = 5_000;

/**
 * Launches the server, and tries again while the folder is still held by the workers of a killed
 * server, or by its process that was not reaped yet. Never deletes their files.
 */
async function launchOnceFree(
  options: LaunchOptions,
  binaries: PostgresBinaries,
  account: SystemAccount | undefined,
): Promise<EmbeddedPostgres> {
  const limit = performance.now() + ownerGoneTimeoutMs;
  for (;;) {
    try {
      return await launch(options, binaries, account);
    } catch (error) {
      if (!isHeldFolder(error) || performance.now() > limit || options.signal?.aborted === true) throw error;
      await sleep(200);
    }
  }
}

const isHeldFolder = (error: unknown): boolean =>
  error instanceof EmbeddedPostgresError &&
  /pre-existing shared memory block|"postmaster.pid" already exists/.test(error.message);

const stopTimeoutMs = 30_000;

/**
 * The C library of Linux keeps up to 1 MB of freed memory in a backend. By default it returns
 * everything above 128 KB to the system, and then a backend takes hundreds of page faults for each
 * large statement. An append costs 5 to 13 percent less so. Other systems ignore these variables.
 */
const allocatorSettings = {
  MALLOC_TRIM_THRESHOLD_: '1048576',
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_TOP_PAD_: '262144',
};

/** Change data capture can read the changes, and a slot that nobody reads does not fill the disk. */
const captured = { wal_level: 'logical', max_slot_wal_keep_size: '4GB' };

async function launch(
  options: LaunchOptions,
  binaries: PostgresBinaries,
  account: SystemAccount | undefined,
): Promise<EmbeddedPostgres> {
  const { dataFolder, port, credentials, settings = {}, signal } = options;
  const fixed = { listen_addresses: '127.0.0.1', unix_socket_directories: '', logging_collector: 'off' };
  const flags = Object.entries({ ...fixed, ...captured, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  const child = spawn(binaries.postgres, ['-D', dataFolder, '-p', String(port), ...flags], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: realpathSync(dataFolder),
    env: { ...allocatorSettings, ...process.env },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<string>((resolve) =>
    child.once('exit', (code, how) => resolve(how ?? `exit code ${code}`)),
  );
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  const stop = () => stopServer(child, exited);
  await untilReady(child, options);
  if (signal?.aborted === true) await stop();
  signal?.throwIfAborted();
  return {
    url: `postgres://${credentials.user}:${credentials.password}@127.0.0.1:${port}`,
    port,
    pid: child.pid as number,
    dataFolder,
    exited,
    answer: (asking) => postgresAnswer(port, asking),
    stop,
  };
}

/**
 * Stops the server with SIGINT, a fast shutdown, or SIGQUIT, an immediate one. Neither loses
 * anything committed, but after SIGQUIT the next start has to recover.
 */
async function stopServer(child: ChildProcess, exited: Promise<string>): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGQUIT'), stopTimeoutMs);
  child.kill('SIGINT');
  await exited;
  clearTimeout(timer);
}

function untilReady(
  child: ChildProcess,
  { startTimeoutMs = 30_000, onLog = () => undefined }: EmbeddedPostgresOptions,
): Promise<void> {
  const recent: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (reason: string) =>
      reject(
        new EmbeddedPostgresError(
          `PostgreSQL did not start: ${reason}${recent.length > 0 ? `: ${recent.join(' | ')}` : ''}`,
        ),
      );
    let tooSlow = false;
    const timer = setTimeout(() => {
      tooSlow = true;
      child.kill('SIGQUIT');
    }, startTimeoutMs);
    child.once('error', (error) => {
      clearTimeout(timer);
      fail(error.message);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      fail(tooSlow ? `not ready after ${startTimeoutMs} ms` : `it exited with code ${code}`);
    });
    const lines = createInterface({ input: child.stderr as Readable });
    lines.on('line', (line) => {
      onLog(line);
      recent.push(line);
      recent.splice(0, recent.length - 5);
      if (!line.includes('database system is ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

/**
 * An SSLRequest: its length, and its code.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
const question = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

/**
 * Resolves once the server on this loopback port has answered a question that needs no login.
 * Rejects if nothing listens there or the signal aborts. Waits as long as the server is silent.
 */
async function postgresAnswer(port: number, signal: AbortSignal): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', signal });
  socket.write(question);
  for await (const _answer of socket) return;
  throw new Error('PostgreSQL closed the connection without an answer');
}
