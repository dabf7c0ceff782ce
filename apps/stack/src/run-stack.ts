import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedPostgres, stopLeftoverPostgres, type EmbeddedPostgres } from '@millrace/embedded-postgres';
import type { StackSettings } from './config.ts';
import type { StackDefinition } from './define-stack.ts';
import type { Logger } from './logger.ts';
import { startMailSink } from './mail/mail-sink.ts';
import { manageProcess, type ManagedProcess } from './processes/managed-process.ts';
import { claimPorts } from './setup/claim-ports.ts';
import { openDataFolder } from './setup/data-folder.ts';
import { setUp } from './setup/migrate.ts';

export interface RunningStack {
  readonly urls: Readonly<Record<string, string>>;
  readonly postgresUrl: string;
  readonly bootstrapServers: string;
  readonly mailFolder: string;
  readonly dataFolder: string;
  /** Process ids by name, as they are now. */
  pids(): Readonly<Record<string, number | undefined>>;
  /** Services first, then the log, then the database: everybody can finish with what they stand on. */
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly workspace: string;
  readonly fresh: boolean;
  readonly settings: StackSettings;
  readonly print: (line: string) => void;
  readonly logger: Logger;
  /** Aborted: whatever runs already is stopped again. */
  readonly signal: AbortSignal;
  readonly onRestart?: (name: string, pid: number) => void;
}

/** Budget: five services with ten connections each, the setup step, and room for people with psql. */
const postgresSettings = { max_connections: '120', idle_in_transaction_session_timeout: '30s' };

/** Starts every part in order, or, when one fails, stops those that run and rejects with the reason. */
export async function runStack(definition: StackDefinition, options: RunOptions): Promise<RunningStack> {
  const stops: (() => Promise<void> | void)[] = [];
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return await startParts(definition, options, stops, stopAll);
  } catch (error) {
    await stopAll();
    throw error;
  }
}

async function startParts(
  wanted: StackDefinition,
  options: RunOptions,
  stops: (() => Promise<void> | void)[],
  stopAll: () => Promise<void>,
): Promise<RunningStack> {
  const { settings, print, logger, workspace, signal } = options;
  const folder = openDataFolder(join(workspace, settings.MILLRACE_DATA), options);
  stops.push(() => folder.release());
  const postgresFolder = join(folder.path, 'postgres');
  await stopLeftoverPostgres(postgresFolder, print);
  const definition = await claimPorts(wanted);
  const logFolder = join(folder.path, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const child = (name: string, main: string, environment: Record<string, string>) => managed(name, main, environment, logFolder, options);

  print('starting PostgreSQL and the broker');
  const broker = child('broker', 'apps/broker/src/main.ts', {
    BROKER_PORT: String(definition.log.port),
    BROKER_DATA: join(folder.path, 'broker'),
  });
  stops.push(() => broker.stop());
  const database = startEmbeddedPostgres({
    dataFolder: postgresFolder,
    port: definition.database.port,
    settings: postgresSettings,
    onNotice: print,
  });
  const [postgres] = await settled(database, broker.start(), (started) => stops.unshift(() => started.stop()));

  signal.throwIfAborted();
  const bootstrapServers = `127.0.0.1:${definition.log.port}`;
  const mail = await startMailSink({ port: definition.mail.port, folder: join(folder.path, 'mail') });
  stops.push(() => mail.stop());
  print('creating databases, tables and topics');
  await setUp(definition, { postgresUrl: postgres.url, bootstrapServers: [bootstrapServers], workspace }, logger);

  signal.throwIfAborted();
  print('starting the services');
  const services = Object.entries(definition.services).map(([name, part]) =>
    child(name, `apps/${part.app}/src/main.ts`, {
      [part.portSetting]: String(part.port),
      [`${part.app.toUpperCase()}_DATABASE_URL`]: `${postgres.url}/${part.database}`,
      KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
      SMTP_URL: `smtp://127.0.0.1:${definition.mail.port}`,
    }),
  );
  stops.push(async () => void (await Promise.all(services.map((service) => service.stop()))));
  await Promise.all(services.map((service) => service.start()));

  return {
    urls: Object.fromEntries(Object.entries(definition.services).map(([name, part]) => [name, `http://127.0.0.1:${part.port}`])),
    postgresUrl: postgres.url,
    bootstrapServers,
    mailFolder: mail.folder,
    dataFolder: folder.path,
    pids: () => ({
      postgres: postgres.pid,
      broker: broker.pid,
      ...Object.fromEntries(services.map((service) => [service.name, service.pid])),
    }),
    stop: stopAll,
  };
}

function managed(
  name: string,
  main: string,
  environment: Record<string, string>,
  logFolder: string,
  { workspace, print, settings, onRestart }: RunOptions,
): ManagedProcess {
  return manageProcess(
    { name, main, environment: { LOG_LEVEL: settings.LOG_LEVEL, NODE_COMPILE_CACHE: join(logFolder, '../compile-cache'), ...environment } },
    {
      workspace,
      logFolder,
      onExit: (who, how, delayMs) => print(`${who} ended (${how}); it starts again in ${delayMs} ms`),
      onRestart: (who, pid) => {
        print(`${who} is back (process ${pid})`);
        onRestart?.(who, pid);
      },
    },
  );
}

/** Waits for both even if one fails, so that nothing is left half-started; the database is registered to be stopped last. */
async function settled(
  database: Promise<EmbeddedPostgres>,
  broker: Promise<void>,
  onDatabase: (started: EmbeddedPostgres) => void,
): Promise<[EmbeddedPostgres]> {
  const [first, second] = await Promise.allSettled([database, broker]);
  if (first.status === 'fulfilled') onDatabase(first.value);
  if (first.status === 'rejected') throw first.reason;
  if (second.status === 'rejected') throw second.reason;
  return [first.value];
}
