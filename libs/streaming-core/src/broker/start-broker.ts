import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, silentLogger } from '../runtime/logger.ts';
import { systemClock, type Clock } from '../runtime/clock.ts';
import { createGroupCoordinator } from '../coordinators/groups/group-coordinator.ts';
import type { GroupSettings } from '../coordinators/groups/settings.ts';
import type { TransactionSettings } from '../coordinators/transactions/settings.ts';
import { createTransactionCoordinator } from '../coordinators/transactions/transaction-coordinator.ts';
import { TransactionalAppends } from './transactional-appends.ts';
import type { FlushPolicy } from '../log/disk/group-commit.ts';
import { createLogManager } from '../log/log-manager.ts';
import { connectionsWithin, openFilesLimit } from '../log/segments/file-limit.ts';
import type { ReconfigurableLogSettings } from '../log/log-manager-options.ts';
import type { LogManager } from '../log/types.ts';
import { readBrokerConfigs, type BrokerConfigs } from './configs/broker-configs.ts';
import { DynamicBrokerConfigs } from './configs/dynamic-broker-configs.ts';
import { BrokerError } from './broker-error.ts';
import { BufferPool } from '../protocol/frames/buffer-pool.ts';
import { ByteBudget } from './connections/byte-budget.ts';
import type { BrokerServices } from './broker-services.ts';
import { handlers } from './handlers.ts';
import { defaultLimits, type BrokerLimits } from './limits.ts';
import { Listener } from './connections/listener.ts';
import { RequestDispatcher } from './request-dispatcher.ts';
import { BrokerTraffic } from './statistics/broker-traffic.ts';
import { readStatistics, type BrokerStatistics } from './statistics/broker-statistics.ts';

export interface BrokerOptions {
  /** Made when it is not there. One broker at a time. Default: a temporary folder, which is deleted when the broker closes, as a test wants it. */
  readonly dataFolder?: string;
  /** Default 127.0.0.1: nobody but this machine. */
  readonly host?: string;
  /** Default 9092; 0 takes any free port. */
  readonly port?: number;
  /** Where clients are told to connect. Default: `host`. Needed when `host` is every address. */
  readonly advertisedHost?: string;
  /** Default: the port it listens on. Needed where clients reach it through another: a container's mapped port, a proxy. */
  readonly advertisedPort?: number;
  /** When acks=all is answered: `commit` (default) after a completed fsync; `interval` and `none` survive the process, not a power cut. */
  readonly flush?: FlushPolicy;
  /** Create topics that a client asks for by name (Kafka's auto.create.topics.enable). Default false: a misspelt topic is an error. */
  readonly autoCreateTopics?: boolean;
  /** Of a topic whose creator names no number. Default 1. */
  readonly defaultPartitions?: number;
  /** Kafka's broker configs by name (`log.retention.ms`, `num.partitions`, ...); what stands in an option of its own comes first. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly limits?: Partial<BrokerLimits>;
  readonly groups?: Partial<GroupSettings>;
  readonly transactions?: Partial<TransactionSettings>;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly newUuid?: () => string;
}

export interface Broker {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  /** The same for the life of the data folder. */
  readonly clusterId: string;
  /** What has gone through since the start, and how things stand: for metrics. */
  statistics(): BrokerStatistics;
  /** Why nothing can be written any more; undefined while all is well. A restart checks the disk. */
  offlineCause(): string | undefined;
  /** Stops accepting, answers parked requests, lets those begun finish, closes the group coordinator, then the logs. May be called again. */
  close(): Promise<void>;
}

type Settings = Required<Omit<BrokerOptions, 'limits' | 'groups' | 'transactions' | 'advertisedPort'>> & {
  readonly advertisedPort?: number;
  readonly deleteTopics: boolean;
  readonly started: BrokerConfigs;
  readonly limits: BrokerLimits;
  readonly groups: Partial<GroupSettings>;
  readonly transactions: Partial<TransactionSettings>;
};

/**
 * A single durable node that speaks the Kafka protocol. Resolves once it serves; everything acknowledged before a kill is there again.
 * Rejects with `BrokerError` or `DataFolderError`, and leaves nothing half-started. `startBroker({ port: 0 })` is all that a test needs.
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { dataFolder } = options;
  return dataFolder === undefined ? startForNow(options) : start({ ...options, dataFolder });
}

/** On a folder that ends with the broker. */
async function startForNow(options: BrokerOptions): Promise<Broker> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-broker-'));
  const remove = () => rm(dataFolder, { recursive: true, force: true });
  try {
    const broker = await start({ ...options, dataFolder });
    let closed: Promise<void> | undefined;
    return Object.freeze({ ...broker, close: () => (closed ??= broker.close().finally(remove)) });
  } catch (error) {
    await remove();
    throw error;
  }
}

type OptionsWithFolder = BrokerOptions & { readonly dataFolder: string };

async function start(options: OptionsWithFolder): Promise<Broker> {
  const settings = withDefaults(options);
  const traffic = new BrokerTraffic();
  const { withoutEffect } = settings.started;
  if (withoutEffect.length > 0)
    settings.logger.warn({ configs: withoutEffect }, 'these configs have no effect on one embedded node');
  const logs = await openLogs(settings, traffic);
  try {
    const configs = new DynamicBrokerConfigs({ logs, logger: settings.logger, file: settings.properties });
    logs.reconfigure(logSettings(configs.current));
    const groups = await createGroupCoordinator({
      ...settings,
      logs,
      newMemberSuffix: settings.newUuid,
      settings: settings.groups,
    });
    const transactions = createTransactionCoordinator({
      logs,
      clock: settings.clock,
      logger: settings.logger,
      settings: settings.transactions,
      endOffsets: (partition, marker) => groups.endTransaction(partition, marker),
    });
    return await open(settings, { configs, logs, groups, transactions, traffic });
  } catch (error) {
    await logs.close();
    throw error;
  }
}

const unusableFolder = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EEXIST', 'ENOSPC'];

async function openLogs(settings: Settings, traffic: BrokerTraffic): Promise<LogManager> {
  try {
    return await createLogManager({
      ...settings,
      ...settings.started.logs,
      ...logSettings(settings.started),
      nodeId: settings.started.nodeId,
      partitionsMax: settings.limits.partitionsMax,
      onFlushed: (durationMs) => traffic.flushed(durationMs),
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!unusableFolder.includes(code)) throw error;
    const remedy =
      code === 'ENOSPC'
        ? 'make room on its disk, then start again'
        : 'choose a folder that this user can write to';
    const text = `data folder ${settings.dataFolder} cannot be used (${message}): ${remedy}`;
    throw new BrokerError('DATA_FOLDER_UNUSABLE', text, { cause: error });
  }
}

/** Of what may change while the broker runs. */
function logSettings({ topicDefaults, logs }: BrokerConfigs): ReconfigurableLogSettings {
  const { cleanerBackoffMs, cleanerDedupeBufferBytes, producerIdExpirationMs } = logs;
  return given({ topicDefaults, cleanerBackoffMs, cleanerDedupeBufferBytes, producerIdExpirationMs });
}

/** An option of its own is told by Kafka's name too. */
function namedByKafka({
  properties,
  autoCreateTopics,
  defaultPartitions,
  limits = {},
}: BrokerOptions): Readonly<Record<string, string>> {
  const named = given({
    'auto.create.topics.enable': autoCreateTopics,
    'num.partitions': defaultPartitions,
    'max.connections': limits.connectionsMax,
    'max.connections.per.ip': limits.connectionsPerAddressMax,
  });
  return {
    ...properties,
    ...Object.fromEntries(Object.entries(named).map(([name, value]) => [name, String(value)])),
  };
}

function withDefaults(options: OptionsWithFolder): Settings {
  const host = options.host ?? '127.0.0.1';
  const advertisedHost = options.advertisedHost ?? host;
  if (['0.0.0.0', '::', ''].includes(advertisedHost))
    throw new BrokerError(
      'ADVERTISED_HOST_MISSING',
      `${advertisedHost === '' ? 'no host' : advertisedHost} is every address: set advertisedHost (--advertised-host, advertised.listeners=PLAINTEXT://HOST:PORT) to the one that clients can reach`,
    );
  const properties = namedByKafka(options);
  const started = readBrokerConfigs(properties);
  return {
    host,
    port: 9092,
    advertisedHost,
    flush: 'commit',
    autoCreateTopics: started.autoCreateTopics ?? false,
    deleteTopics: started.deleteTopics ?? true,
    defaultPartitions: started.defaultPartitions ?? 1,
    clock: systemClock,
    logger: silentLogger,
    newUuid: randomUUID,
    ...given(options),
    properties,
    started,
    groups: groupSettings({ ...started.groups, ...given(options.groups ?? {}) }),
    transactions: { ...started.transactions, ...given(options.transactions ?? {}) },
    limits: { ...defaultLimits, ...started.limits, ...given(options.limits ?? {}) },
  };
}

/**
 * Apache Kafka ends even a delay of 0 by its timer, and begins it anew while members come: those that subscribe in one moment share the first generation,
 * and clients count on it.
 */
const initialRebalanceDelayMsMin = 3;

const groupSettings = (groups: Partial<GroupSettings>): Partial<GroupSettings> => ({
  ...groups,
  initialRebalanceDelayMs: Math.max(groups.initialRebalanceDelayMs ?? 0, initialRebalanceDelayMsMin),
});

/** An option that is undefined is one that was left out. */
const given = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;

type Parts = Pick<BrokerServices, 'logs' | 'groups' | 'transactions' | 'traffic'> & {
  readonly configs: DynamicBrokerConfigs;
};

/** Clients are told the port, so the services are made once it is bound. */
async function open(settings: Settings, parts: Parts): Promise<Broker> {
  const { host, advertisedHost, advertisedPort, limits, clock, logger } = settings;
  const advertised = { host: advertisedHost, port: settings.port };
  const buffers = new BufferPool({ heldBytesMax: limits.pooledBytesMax });
  const unsent = new ByteBudget({ bytesMax: limits.unsentBytesTotalMax });
  const transactionalAppends = new TransactionalAppends(parts.transactions);
  const { nodeId } = settings.started;
  const services: BrokerServices = {
    ...settings,
    ...parts,
    nodeId,
    transactionalAppends,
    advertised,
    buffers,
    unsent,
  };
  const dispatcher = new RequestDispatcher(handlers(services), { logger });
  const listener = new Listener({
    dispatcher,
    traffic: parts.traffic,
    limits,
    buffers,
    unsent,
    clock,
    logger,
  });
  const filesMax = connectionsWithin(openFilesLimit());
  const limitConnections = (configs: BrokerConfigs) => {
    const wanted = { ...defaultLimits, ...configs.limits };
    listener.limitConnections({ ...wanted, connectionsMax: Math.min(wanted.connectionsMax, filesMax) });
  };
  limitConnections(parts.configs.current);
  parts.configs.onChange((configs) => {
    parts.logs.reconfigure(logSettings(configs));
    limitConnections(configs);
  });
  let port: number;
  try {
    port = await listener.listen({ host, port: settings.port });
    advertised.port = advertisedPort ?? port;
  } catch (error) {
    await parts.transactions.close();
    await parts.groups.close();
    throw error;
  }
  const { clusterId } = parts.logs;
  logger.info(
    { host, port, clusterId, dataFolder: settings.dataFolder, flush: settings.flush },
    `broker listens on ${host.includes(':') ? `[${host}]` : host}:${port}`,
  );
  let closed: Promise<void> | undefined;
  return Object.freeze({
    host,
    port,
    dataFolder: settings.dataFolder,
    clusterId,
    statistics: () => readStatistics({ ...parts, connections: () => listener.connectionCount }),
    offlineCause: () => parts.logs.offlineCause?.message,
    close: () => (closed ??= close(listener, { ...parts, logger })),
  });
}

/** Parked joins and syncs end when the coordinator closes; everything else in progress has its answer before the logs close. */
async function close(
  listener: Listener,
  { logs, groups, transactions, logger }: Parts & Pick<BrokerServices, 'logger'>,
): Promise<void> {
  listener.drain();
  await transactions.close();
  await groups.close();
  await listener.close();
  await logs.close();
  logger.info({}, 'broker closed');
}
