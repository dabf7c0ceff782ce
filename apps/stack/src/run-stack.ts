import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freeBytesOn } from '@millrace/operations/client';
import { removeEmbeddedPostgres, stopLeftoverPostgres } from '@millrace/embedded-postgres';
import { keysFolder } from './keys/missing-keys.ts';
import { planKeys } from './keys/plan-keys.ts';
import type { ServiceDefinition, StackDefinition } from './definition/define-stack.ts';
import type { ServiceProcess } from './definition/service-processes.ts';
import type { ConnectionSecurity } from '@millrace/streaming-core/client';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { startControl } from './control/control-server.ts';
import { controlledProcesses } from './control/named-processes.ts';
import { startMailSink } from './mail/mail-sink.ts';
import { planLog, type LogTools } from './plan-log.ts';
import type { BoundedLog } from './processes/bounded-log.ts';
import { launchNode, type Program } from './processes/launch-node.ts';
import { launchPostgres } from './processes/launch-postgres.ts';
import { clearLeftovers, openRegister, type ProcessRegister } from './processes/process-register.ts';
import { supervised } from './processes/supervise-logged.ts';
import type { Launch } from './processes/supervise.ts';
import { watchDisk } from './processes/watch-disk.ts';
import type { ClusterSettings } from './setup/cluster-settings.ts';
import { claimPorts } from './setup/claim-ports.ts';
import { openDataFolder, stateFolderName, type DataFolder } from './setup/data-folder.ts';
import { setUp } from './setup/migrate.ts';
import { publishAddresses } from './setup/published-addresses.ts';
import { spanSettings, startCollector, startConsole, type RunningConsole } from './running-console.ts';
import { consoleProgram, servicePrograms } from './service-programs.ts';
import { orAborted } from './stop-request.ts';

export interface RunningStack<Services extends string = string> {
  readonly urls: Readonly<Record<Services, string>>;
  /** The URL of every service process, by its name: `order`, `order-2`. */
  readonly instances: Readonly<Record<string, string>>;
  /** The URL of the operator API of every service process, by the same names. */
  readonly operators: Readonly<Record<string, string>>;
  readonly postgresUrl: string;
  readonly keysUrl: string;
  readonly bootstrapServers: string;
  readonly security: ConnectionSecurity;
  readonly smtpUrl: string;
  readonly mailFolder: string;
  readonly dataFolder: string;
  readonly logFolder: string;
  readonly console?: RunningConsole;
  /** Returns the current process ids by name. */
  pids(): Readonly<Record<string, number | undefined>>;
  /**
   * Stops the services first, then the log, then the databases, so that each part can finish while
   * what it needs still runs.
   */
  stop(): Promise<void>;
}

export interface RunOptions {
  readonly workspace: string;
  /** An absolute path. */
  readonly dataFolder: string;
  readonly fresh: boolean;
  readonly logLevel: string;
  readonly connections: number;
  readonly keysConnections: number;
  /**
   * How long a part may go without answering before it is killed and restarted. 0 means that it is
   * never killed.
   */
  readonly unansweredMsMax: number;
  /** Whether operators may kill and pause parts, to see how the system heals. */
  readonly faults: boolean;
  readonly cluster: ClusterSettings;
  /** Environment variables for the services, beside those that the stack itself decides on. */
  readonly serviceSettings?: Readonly<Record<string, string>>;
  readonly print: (line: string) => void;
  readonly logger: Logger;
  /** When it is aborted, whatever already runs is stopped again, in order. */
  readonly signal: AbortSignal;
  /**
   * Registers a function to call when this process exits for any reason, so that nothing outlives
   * it.
   */
  readonly onAbruptExit: (act: () => void) => void;
  /** Whether the services send their spans to the console, which then starts before them. */
  readonly trace?: boolean;
  readonly onRestart?: (name: string, pid: number) => void;
}

type Stop = () => Promise<unknown> | void;

/**
 * Starts every part in order. If one fails or the signal is aborted, stops those that run and
 * rejects with the reason.
 */
export async function runStack<Services extends string>(
  definition: StackDefinition<Services>,
  options: RunOptions,
): Promise<RunningStack<Services>> {
  const stops: Stop[] = [];
  const stop = async () => {
    for (const stopPart of stops.splice(0).reverse()) await stopPart();
  };
  try {
    return { ...(await startParts(definition, options, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts<Services extends string>(
  wanted: StackDefinition<Services>,
  options: RunOptions,
  stops: Stop[],
): Promise<Omit<RunningStack<Services>, 'stop'>> {
  const { print, logger, workspace, signal } = options;
  const { folder, register } = await takeFolder(options, stops);
  const { definition, notices } = await claimPorts(wanted);
  notices.forEach((notice) => print(notice));
  const logFolder = join(folder.path, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const mail = await startMailSink({ port: definition.mail.port, folder: join(folder.path, 'mail') });
  stops.push(
    () => mail.stop(),
    watchDisk(folder.path, { clock: systemClock, freeBytes: freeBytesOn, print }),
  );

  const common = { LOG_LEVEL: options.logLevel };
  const node = (program: Program) =>
    supervised(program.name, logFolder, options, (log) =>
      launchNode(
        { ...program, environment: { ...common, ...program.environment } },
        { workspace, log, register },
      ),
    );
  const tools = {
    dataFolder: folder.path,
    register,
    print,
    supervised: (name: string, launch: (file: BoundedLog) => Launch) =>
      supervised(name, logFolder, options, launch),
  };
  const logTools: LogTools = { ...tools, security: options.cluster.security, node };
  const log = await orAborted(planLog(definition.log, logTools), signal);
  const keys = await planKeys(definition.keys, { ...tools, connections: options.keysConnections });
  print(`starting PostgreSQL (${options.connections} connections)${keys.inWords}${log.inWords}`);
  let postgresUrl = '';
  const postgres = tools.supervised('postgres', (file) =>
    launchPostgres({
      name: 'postgres',
      dataFolder: postgresFolder(folder.path),
      port: definition.database.port,
      settings: {
        max_connections: String(options.connections),
        idle_in_transaction_session_timeout: '30s',
      },
      log: file,
      register,
      onNotice: print,
      onUrl: (url) => (postgresUrl = url),
    }),
  );
  const engines = [postgres, ...keys.processes, ...log.processes];
  for (const engine of engines) stops.push(() => engine.stop());
  await orAborted(Promise.all(engines.map((engine) => engine.start())), signal);

  print('creating databases, tables and topics');
  await orAborted(
    setUp(
      definition,
      { postgresUrl, keysUrl: keys.url(), log: { ...log, copies: options.cluster.copies }, workspace },
      logger,
    ),
    signal,
  );

  const page = definition.console && {
    process: node(consoleProgram(definition.console, folder.path)),
    url: urlOf(definition.console),
  };
  if (page !== undefined) stops.push(() => page.process.stop());
  const collector =
    page && options.trace ? await orAborted(startCollector(page.process, page.url), signal) : undefined;

  print('starting the services');
  const smtpUrl = `smtp://127.0.0.1:${definition.mail.port}`;
  const services = servicePrograms(definition, {
    postgresUrl,
    smtpUrl,
    keysUrl: keys.url(),
    stateFolder: join(folder.path, stateFolderName),
    logFolder,
  }).map((program) =>
    node({
      ...program,
      environment: {
        ...options.serviceSettings,
        ...(collector && spanSettings(collector.url)),
        ...log.environment,
        ...program.environment,
      },
    }),
  );
  stops.push(() => Promise.all(services.map((service) => service.stop())));
  await orAborted(Promise.all(services.map((service) => service.start())), signal);

  const parts = [...engines, ...services, ...(page === undefined ? [] : [page.process])];
  const control = await startControl({
    processes: controlledProcesses(definition, parts),
    faults: options.faults,
    clock: systemClock,
    print,
    onStart: (name, pid) => options.onRestart?.(name, pid),
  });
  stops.push(() => control.stop());
  const addresses = {
    ...urlsOf(definition),
    postgresUrl,
    keysUrl: keys.url(),
    bootstrapServers: log.bootstrapServers.join(','),
    mailFolder: mail.folder,
    logFolder,
  };
  stops.push(
    publishAddresses(folder.path, {
      ...addresses,
      ...(page && { console: page.url }),
      supervisor: { url: control.url, token: control.token },
      engine: definition.log.engine,
      databases: databaseNames(definition),
    }),
  );
  return {
    ...addresses,
    ...(page && { console: collector ?? startConsole(page.process, page.url) }),
    security: log.security,
    smtpUrl,
    dataFolder: folder.path,
    pids: () => Object.fromEntries(parts.map(({ name, pid }) => [name, pid])),
  };
}

const urlOf = ({ port }: Pick<ServiceProcess, 'port'>): string => `http://127.0.0.1:${port}`;

function urlsOf<Services extends string>({
  services,
}: StackDefinition<Services>): Pick<RunningStack<Services>, 'urls' | 'instances' | 'operators'> {
  const parts = Object.entries<ServiceDefinition>(services);
  const all = parts.flatMap(([, { processes }]) => processes);
  return {
    urls: Object.fromEntries(parts.map(([name, { processes }]) => [name, urlOf(processes[0])])) as Record<
      Services,
      string
    >,
    instances: Object.fromEntries(all.map((each) => [each.label, urlOf(each)])),
    operators: Object.fromEntries(all.map(({ label, ops }) => [label, urlOf(ops)])),
  };
}

const databaseNames = ({ services }: StackDefinition): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries<ServiceDefinition>(services).map(([name, { database, readDatabase }]) => [
      name,
      [database, readDatabase].filter((each) => each !== undefined),
    ]),
  );

const postgresFolder = (dataFolder: string): string => join(dataFolder, 'postgres');

/**
 * Takes the folder before anything in it is touched. Clears what a killed stack has left in it
 * before the folder is used or emptied.
 */
async function takeFolder(
  options: RunOptions,
  stops: Stop[],
): Promise<{ folder: DataFolder; register: ProcessRegister }> {
  const { dataFolder, fresh, print, signal } = options;
  const folder = openDataFolder(dataFolder);
  stops.push(() => folder.release());
  const registerFile = join(folder.path, 'processes.json');
  const clusters = [postgresFolder(folder.path), keysFolder(folder.path)];
  await clearLeftovers(registerFile, { print, signal, endSignal: 'SIGKILL' });
  const clear = fresh ? removeEmbeddedPostgres : stopLeftoverPostgres;
  await Promise.all(clusters.map((cluster) => clear(cluster, print)));
  // This is for macOS, where the servers' folders cannot be verified.
  await clearLeftovers(registerFile, { print, signal, endSignal: 'SIGQUIT', waitMs: 0 });
  if (fresh) folder.empty();
  folder.checkVersion();
  const register = openRegister(registerFile, print);
  options.onAbruptExit(() => {
    register.endAll();
    folder.release();
  });
  return { folder, register };
}
