import { FolderError } from '../runtime/make-folder.ts';
import { withDataFolder } from '../log/data-folder/data-folder.ts';
import { openLogManager } from '../log/log-manager.ts';
import type { ReconfigurableLogSettings } from '../log/log-settings.ts';
import type { LogManager } from '../log/log-manager-port.ts';
import type { BrokerConfigs } from './configs/broker-configs.ts';
import { DynamicBrokerConfigs, readStoredConfigs } from './configs/dynamic-broker-configs.ts';
import { BrokerError } from './broker-error.ts';
import { given, type BrokerSettings } from './broker-settings.ts';
import type { BrokerTraffic } from './statistics/broker-traffic.ts';

const unusableFolder = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EEXIST', 'ENOSPC'];

interface OpenLogs {
  readonly logs: LogManager;
  readonly configs: DynamicBrokerConfigs;
}

/**
 * Opens the data folder, reads the configs that are stored there, then opens the logs with them.
 * Throws `BrokerError` or `DataFolderError`.
 */
export async function openLogs(settings: BrokerSettings, traffic: BrokerTraffic): Promise<OpenLogs> {
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
export function logSettings({ topicDefaults, logs }: BrokerConfigs): ReconfigurableLogSettings {
  const { cleanerBackoffMs, cleanerDedupeBufferBytes, producerIdExpirationMs } = logs;
  return given({ topicDefaults, cleanerBackoffMs, cleanerDedupeBufferBytes, producerIdExpirationMs });
}
