import { randomUUID } from 'node:crypto';
import { type Logger, silentLogger } from '../contract/logger.ts';
import { systemClock, type Clock } from '../contract/clock.ts';
import { createGroupCoordinator } from '../groups/group-coordinator.ts';
import type { GroupSettings } from '../groups/settings.ts';
import type { TransactionSettings } from '../transactions/settings.ts';
import { createTransactionCoordinator } from '../transactions/transaction-coordinator.ts';
import { TransactionalAppends } from './transactional-appends.ts';
import type { FlushPolicy } from '../log/group-commit.ts';
import { createLogManager } from '../log/log-manager.ts';
import type { LogManager } from '../log/types.ts';
import { readBrokerConfigs, type BrokerConfigs } from './broker-configs.ts';
import { BrokerError } from './broker-error.ts';
import { BufferPool } from './buffer-pool.ts';
import type { BrokerServices } from './broker-services.ts';
import { handlers } from './handlers.ts';
import { defaultLimits, type BrokerLimits } from './limits.ts';
import { Listener } from './listener.ts';
import { RequestDispatcher } from './request-dispatcher.ts';
import { BrokerTraffic } from './statistics/broker-traffic.ts';
import { readStatistics, type BrokerStatistics } from './statistics/broker-statistics.ts';

export interface BrokerOptions {
  /** Made when it is not there. One broker at a time. */
  readonly dataFolder: string;
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
  /** The same for the life of the data folder. */
  readonly clusterId: string;
  /** What has gone through since the start, and how things stand: for metrics. */
  statistics(): BrokerStatistics;
  /** Why nothing can be written any more; undefined while all is well. A restart checks the disk. */
  offlineCause(): string | undefined;
  /** Stops accepting, answers parked requests, lets those begun finish, closes the group coordinator, then the logs. May be called again. */
  close(): Promise<void>;
}

type Settings = Required<Omit<BrokerOptions, 'limits' | 'groups' | 'transactions' | 'advertisedPort' | 'properties'>> & {
  readonly advertisedPort?: number;
  readonly configs: BrokerConfigs;
  readonly limits: BrokerLimits;
  readonly groups: Partial<GroupSettings>;
  readonly transactions: Partial<TransactionSettings>;
};

/**
 * A single durable node that speaks the Kafka protocol. Resolves once it serves; everything acknowledged before a kill is there again.
 * Rejects with `BrokerError` or `DataFolderError`, and leaves nothing half-started.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const settings = withDefaults(options);
  const traffic = new BrokerTraffic();
  const { withoutEffect } = settings.configs;
  if (withoutEffect.length > 0) settings.logger.warn({ configs: withoutEffect }, 'these configs have no effect on one embedded node');
  const logs = await openLogs(settings, traffic);
  try {
    const groups = await createGroupCoordinator({ ...settings, logs, newMemberSuffix: settings.newUuid, settings: settings.groups });
    const transactions = createTransactionCoordinator({
      ...{ logs, clock: settings.clock, logger: settings.logger, settings: settings.transactions },
      endOffsets: (partition, marker) => groups.endTransaction(partition, marker),
    });
    return await open(settings, { logs, groups, transactions, traffic });
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
      ...settings.configs.logs,
      topicDefaults: settings.configs.topicDefaults,
      partitionsMax: settings.limits.partitionsMax,
      onFlushed: (durationMs) => traffic.flushed(durationMs),
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!unusableFolder.includes(code)) throw error;
    const text = `data folder ${settings.dataFolder} cannot be used (${message}): choose one that this user can write to`;
    throw new BrokerError('DATA_FOLDER_UNUSABLE', text, { cause: error });
  }
}

function withDefaults({ properties = {}, ...options }: BrokerOptions): Settings {
  const host = options.host ?? '127.0.0.1';
  const everywhere = ['0.0.0.0', '::', ''].includes(host);
  if (everywhere && options.advertisedHost === undefined)
    throw new BrokerError('ADVERTISED_HOST_MISSING', `${host} is every address: set advertisedHost to the one that clients can reach`);
  const configs = readBrokerConfigs(properties);
  return {
    host,
    port: 9092,
    advertisedHost: host,
    flush: 'commit',
    autoCreateTopics: configs.autoCreateTopics ?? false,
    defaultPartitions: configs.defaultPartitions ?? 1,
    clock: systemClock,
    logger: silentLogger,
    newUuid: randomUUID,
    ...given(options),
    configs,
    groups: groupSettings({ ...configs.groups, ...given(options.groups ?? {}) }),
    transactions: { ...configs.transactions, ...given(options.transactions ?? {}) },
    limits: { ...defaultLimits, ...configs.limits, ...given(options.limits ?? {}) },
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

type Parts = Pick<BrokerServices, 'logs' | 'groups' | 'transactions' | 'traffic'>;

/** Clients are told the port, so the services are made once it is bound. */
async function open(settings: Settings, parts: Parts): Promise<Broker> {
  const { host, advertisedHost, advertisedPort, limits, clock, logger } = settings;
  const advertised = { host: advertisedHost, port: settings.port };
  const buffers = new BufferPool({ heldBytesMax: limits.pooledBytesMax });
  const transactionalAppends = new TransactionalAppends(parts.transactions);
  const services: BrokerServices = { ...settings, ...parts, transactionalAppends, advertised, buffers };
  const dispatcher = new RequestDispatcher(handlers(services), { logger });
  const listener = new Listener({ dispatcher, traffic: parts.traffic, limits, buffers, clock, logger });
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
  logger.info({ host, port, clusterId, dataFolder: settings.dataFolder, flush: settings.flush }, `broker listens on ${host}:${port}`);
  let closed: Promise<void> | undefined;
  return Object.freeze({
    ...{ host, port, clusterId },
    statistics: () => readStatistics({ ...parts, connections: () => listener.connectionCount }),
    offlineCause: () => parts.logs.offlineCause?.message,
    close: () => (closed ??= close(listener, { ...parts, logger })),
  });
}

/** Parked joins and syncs end when the coordinator closes; everything else in progress has its answer before the logs close. */
async function close(listener: Listener, { logs, groups, transactions, logger }: Parts & Pick<BrokerServices, 'logger'>): Promise<void> {
  listener.drain();
  await transactions.close();
  await groups.close();
  await listener.close();
  await logs.close();
  logger.info({}, 'broker closed');
}
