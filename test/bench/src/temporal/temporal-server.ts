import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@millrace/test-support/stack';
import { startPostgresServer } from '@millrace/testing/postgres';
import pg from 'pg';
import { cpuTimeMs, cpuTimeOfTreeMs } from '../saga/cpu-time.ts';
import type { InstalledTemporal } from './install-temporal.ts';

const startMsMax = 60_000;
const endMsMax = 10_000;

export interface RunningTemporal {
  /** The `host:port` at which workers and clients reach the server. */
  readonly address: string;
  /** The database of the activities. */
  readonly databaseUrl: string;
  /** The CPU ms of the server and of PostgreSQL so far. */
  cpuMs(): number;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL and, on it, Temporal's server, both on loopback. PostgreSQL flushes each commit to the disk, as it
 * does in `npm start`.
 */
export async function startTemporal({
  server,
  sqlTool,
  schema,
}: InstalledTemporal): Promise<RunningTemporal> {
  const postgres = await startPostgresServer({ fsync: true });
  const folder = mkdtempSync(join(tmpdir(), 'millrace-temporal-'));
  let child: ChildProcess | undefined;
  const stop = async () => {
    child?.kill('SIGTERM');
    if (child !== undefined) await endOf(child);
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const place = new URL(postgres.url);
    for (const database of ['temporal', 'visibility']) createTables(sqlTool, schema, place, database);
    const ports = await freePorts(9);
    writeFileSync(join(folder, 'temporal.yaml'), settings(place, ports));
    child = spawn(server, ['--config-file', join(folder, 'temporal.yaml'), '--allow-no-auth', 'start'], {
      stdio: 'ignore',
    });
    const address = `127.0.0.1:${ports[0]}`;
    await answers(ports[0]!, child);
    const database = new pg.Client(Object.assign(new URL(place), { pathname: '/postgres' }).href);
    await database.connect();
    await database.query('CREATE DATABASE orders');
    const { rows } = await database.query<{ pid: string }>(
      "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid",
    );
    await database.end();
    const { pid = 0 } = child;
    return {
      address,
      databaseUrl: Object.assign(new URL(place), { pathname: '/orders' }).href,
      cpuMs: () => (cpuTimeMs(pid) ?? Number.NaN) + (cpuTimeOfTreeMs(Number(rows[0]?.pid)) ?? Number.NaN),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createTables(sqlTool: string, schema: string, place: URL, database: string): void {
  const tool = (...args: readonly string[]) => {
    const { status, stderr } = spawnSync(
      sqlTool,
      [
        '--plugin=postgres12',
        `--endpoint=${place.hostname}`,
        `--port=${place.port}`,
        `--user=${decodeURIComponent(place.username)}`,
        `--password=${decodeURIComponent(place.password)}`,
        `--database=${database}`,
        ...args,
      ],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`Temporal's tables could not be created: ${stderr.slice(-500)}`);
  };
  tool('create');
  tool('setup-schema', '--version', '0.0');
  tool('update-schema', '--schema-dir', join(schema, database, 'versioned'));
}

/** The settings of Temporal's own example for development on PostgreSQL, on other ports. */
function settings(place: URL, ports: readonly number[]): string {
  const [frontend, frontendPeers, matching, matchingPeers, history, historyPeers, worker, workerPeers, http] =
    ports;
  const store = (database: string, connections: number) => ({
    sql: {
      pluginName: 'postgres12',
      databaseName: database,
      connectAddr: place.host,
      connectProtocol: 'tcp',
      user: decodeURIComponent(place.username),
      password: decodeURIComponent(place.password),
      maxConns: connections,
      maxIdleConns: connections,
      maxConnLifetime: '1h',
    },
  });
  const rpc = (grpcPort?: number, membershipPort?: number) => ({
    rpc: { grpcPort, membershipPort, bindOnLocalHost: true },
  });
  return JSON.stringify({
    log: { stdout: true, level: 'error' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: { default: store('temporal', 20), visibility: store('visibility', 10) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: {
      frontend: { rpc: { ...rpc(frontend, frontendPeers).rpc, httpPort: http } },
      matching: rpc(matching, matchingPeers),
      history: rpc(history, historyPeers),
      worker: rpc(worker, workerPeers),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `localhost:${frontend}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
  });
}

/** Temporal keeps the ports of its members in a column of type smallint. */
const portMax = 32_767;
const portMin = 20_000;

async function freePorts(count: number): Promise<readonly number[]> {
  const free: number[] = [];
  for (let port = portMin; free.length < count && port <= portMax; port++)
    if (await isFree(port)) free.push(port);
  if (free.length < count)
    throw new Error(`Temporal needs ${count} free ports from ${portMin} to ${portMax}`);
  return free;
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

const answers = (port: number, server: ChildProcess): Promise<void> =>
  until("Temporal's server to listen", startMsMax, () => {
    if (server.exitCode !== null) throw new Error(`Temporal's server ended with ${server.exitCode}`);
    return new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
      socket.on('error', () => resolve(false));
    });
  });

/** Waits for the end of a process that was told to end, and kills it if it takes too long. */
export async function endOf(child: ChildProcess): Promise<void> {
  const late = setTimeout(() => child.kill('SIGKILL'), endMsMax);
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  clearTimeout(late);
}
