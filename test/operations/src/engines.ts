import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '@millrace/embedded-postgres';
import { freePorts } from '@millrace/testing/kafka';
import { until, type Engines } from '@millrace/test-support/stack';
import { runProgram, type Program } from './programs.ts';
import { newRelease, type Release } from './release.ts';

export interface RunningEngines extends Engines {
  readonly mailFolder: string;
  readonly dataFolder: string;
  /**
   * Replaces the broker by that of another release, on the same data and port, with a short
   * interruption.
   */
  replaceBroker(release: Release): Promise<void>;
  /** Stops everything and deletes the folder. */
  stop(): Promise<void>;
}

const connections = '300';
const mailTimeoutMs = 30_000;

/**
 * Starts PostgreSQL, the release's broker and a mail sink in a temporary folder, without databases,
 * topics and services.
 */
export async function startEngines(release: Release): Promise<RunningEngines> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-operations-'));
  // When root runs this, PostgreSQL runs as another user, which needs access.
  await chmod(dataFolder, 0o755);
  const stops: (() => Promise<unknown>)[] = [() => rm(dataFolder, { recursive: true, force: true })];
  const stop = async () => {
    for (const stopPart of stops.splice(0).reverse()) await stopPart();
  };
  try {
    const postgres = await startEmbeddedPostgres({
      dataFolder: join(dataFolder, 'postgres'),
      port: 0,
      settings: { max_connections: connections },
    });
    stops.push(() => postgres.stop());
    let broker = startBroker(release, dataFolder, 0);
    stops.push(() => broker.stop());
    const { url: bootstrapServers } = await broker.ready;
    const mailFolder = join(dataFolder, 'mail');
    const smtpUrl = await startMail(mailFolder, stops);
    return {
      postgresUrl: postgres.url,
      keysUrl: `${postgres.url}/millrace_keys`,
      bootstrapServers,
      smtpUrl,
      mailFolder,
      dataFolder,
      stop,
      async replaceBroker(next) {
        await broker.stop();
        broker = startBroker(next, dataFolder, Number(bootstrapServers.split(':')[1]));
        await broker.ready;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const startBroker = (release: Release, dataFolder: string, port: number): Program =>
  runProgram(release, join(release.workspace, 'apps/broker/src/main.ts'), [], {
    BROKER_PORT: String(port),
    BROKER_HTTP_PORT: '0',
    BROKER_DATA: join(dataFolder, 'broker'),
  });

/** Starts the mail sink, which stands for the outside world and belongs to no release. */
async function startMail(folder: string, stops: (() => Promise<unknown>)[]): Promise<string> {
  const [port = 0] = await freePorts(1);
  const environment = { SMTP_PORT: String(port), MAIL_FOLDER: folder };
  const sink = runProgram(
    newRelease,
    join(newRelease.workspace, 'apps/stack/src/mail/main.ts'),
    [],
    environment,
  );
  stops.push(() => sink.stop());
  await until('the mail sink to listen', mailTimeoutMs, () => listens(port));
  return `smtp://127.0.0.1:${port}`;
}

async function listens(port: number): Promise<boolean> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
