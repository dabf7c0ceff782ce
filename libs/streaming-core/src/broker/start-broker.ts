import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGroupCoordinator } from '../coordinators/groups/group-coordinator.ts';
import { createTransactionCoordinator } from '../coordinators/transactions/transaction-coordinator.ts';
import { TransactionalAppends } from './transactional-appends.ts';
import { connectionsWithin, openFilesLimit } from '../log/segments/open-files.ts';
import type { BrokerConfigs } from './configs/broker-configs.ts';
import { DynamicBrokerConfigs, readStoredConfigs } from './configs/dynamic-broker-configs.ts';
import {
  brokerSettings,
  type BrokerOptions,
  type BrokerSettings,
  type OptionsWithFolder,
  given,
} from './broker-settings.ts';
import { BufferPool } from '../protocol/frames/buffer-pool.ts';
import { ByteBudget } from './connections/byte-budget.ts';
import type { BrokerServices } from './broker-services.ts';
import { handlers } from './handlers.ts';
import { defaultLimits } from './limits.ts';
import { Listener } from './connections/listener.ts';
import { RequestDispatcher } from './request-dispatcher.ts';
import { BrokerTraffic, readStatistics, type BrokerStatistics } from './broker-statistics.ts';
import { FolderError } from '../runtime/folders.ts';
import { withDataFolder } from '../log/data-folder/data-folder.ts';
import { openLogManager, type LogManager } from '../log/log-manager.ts';
import type { ReconfigurableLogSettings } from '../log/log-settings.ts';
import { BrokerError } from '../runtime/errors.ts';

export interface Broker {
  readonly host: string;
  readonly port: number;
  readonly dataFolder: string;
  /** Stays the same for the life of the data folder. */
  readonly clusterId: string;
  /** The traffic since the start and the current state, for metrics. */
  statistics(): BrokerStatistics;
  /**
   * Why nothing can be written any more; undefined while the broker is healthy. A restart checks
   * the disk.
   */
  offlineCause(): string | undefined;
  /**
   * Accepts no further connections, answers parked requests, lets requests in progress finish, then
   * closes the coordinators and the logs. May be called more than once.
   */
  close(): Promise<void>;
}

/**
 * Starts a single durable node that speaks the Kafka protocol. Resolves once it serves; everything
 * that was acknowledged before a kill is available again. Rejects with `BrokerError` or
 * `DataFolderError`, and leaves nothing half-started. `startBroker({ port: 0 })` is all that a test
 * needs.
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { dataFolder } = options;
  return dataFolder === undefined ? startForNow(options) : start({ ...options, dataFolder });
}

/** Starts a broker on a temporary folder, which is deleted when the broker closes. */
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

async function start(options: OptionsWithFolder): Promise<Broker> {
  const settings = brokerSettings(options);
  const traffic = new BrokerTraffic();
  const { withoutEffect } = settings.started;
  if (withoutEffect.length > 0)
    settings.logger.warn({ configs: withoutEffect }, 'these configs have no effect on one embedded node');
  const { logs, configs } = await openLogs(settings, traffic);
  try {
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

type Parts = Pick<BrokerServices, 'logs' | 'groups' | 'transactions' | 'traffic'> & {
  readonly configs: DynamicBrokerConfigs;
};

/** The services are created once the port is bound, because clients are told the port. */
async function open(settings: BrokerSettings, parts: Parts): Promise<Broker> {
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

/**
 * Closing the coordinator ends parked joins and syncs. All other requests in progress are answered
 * before the logs close.
 */
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

const unusableFolder = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EEXIST', 'ENOSPC'];

interface OpenLogs {
  readonly logs: LogManager;
  readonly configs: DynamicBrokerConfigs;
}

/**
 * Opens the data folder, reads the configs that are stored there, then opens the logs with them.
 * Throws `BrokerError` or `DataFolderError`.
 */
async function openLogs(settings: BrokerSettings, traffic: BrokerTraffic): Promise<OpenLogs> {
  try {
    const { nodeId } = settings.started;
    return await withDataFolder({ ...settings, nodeId }, async (folder) => {
      const stored = readStoredConfigs({
        ...settings,
        dataFolder: folder.path,
        file: settings.properties,
      });
      const logs = await openLogManager(folder, {
        ...settings,
        ...stored.current.logs,
        ...logSettings(stored.current),
        nodeId,
        partitionsMax: settings.limits.partitionsMax,
        onFlushed: (durationMs) => traffic.flushed(durationMs),
      });
      return { logs, configs: new DynamicBrokerConfigs(stored, { ...settings, logs }) };
    });
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!(error instanceof FolderError) && !unusableFolder.includes(code)) throw error;
    const remedy =
      code === 'ENOSPC'
        ? 'make room on its disk, then start again'
        : 'choose a folder that this user can write to (--data, BROKER_DATA, log.dirs in the file)';
    const text = `data folder ${settings.dataFolder} cannot be used (${message}): ${remedy}`;
    throw new BrokerError('DATA_FOLDER_UNUSABLE', text, { cause: error });
  }
}

/** Returns those settings of the logs that may change while the broker runs. */
function logSettings({ topicDefaults, logs }: BrokerConfigs): ReconfigurableLogSettings {
  const { cleanerBackoffMs, cleanerDedupeBufferBytes, producerIdExpirationMs } = logs;
  return given({ topicDefaults, cleanerBackoffMs, cleanerDedupeBufferBytes, producerIdExpirationMs });
}
