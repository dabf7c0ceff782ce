import { FolderError } from '../runtime/make-folder.ts';
import { createLogManager } from '../log/log-manager.ts';
import type { ReconfigurableLogSettings } from '../log/log-settings.ts';
import type { LogManager } from '../log/log-manager-port.ts';
import type { BrokerConfigs } from './configs/broker-configs.ts';
import { BrokerError } from './broker-error.ts';
import { given, type BrokerSettings } from './broker-settings.ts';
import type { BrokerTraffic } from './statistics/broker-traffic.ts';

const unusableFolder = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EEXIST', 'ENOSPC'];

/** Throws `BrokerError` or `DataFolderError` when the data folder cannot be used. */
export async function openLogs(settings: BrokerSettings, traffic: BrokerTraffic): Promise<LogManager> {
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
    if (!(error instanceof FolderError) && !unusableFolder.includes(code)) throw error;
    const remedy =
      code === 'ENOSPC'
        ? 'make room on its disk, then start again'
        : 'choose a folder that this user can write to (--data, BROKER_DATA, log.dirs in the file)';
    const text = `data folder ${settings.dataFolder} cannot be used (${message}): ${remedy}`;
    throw new BrokerError('DATA_FOLDER_UNUSABLE', text, { cause: error });
  }
}

/** Of what may change while the broker runs. */
export function logSettings({ topicDefaults, logs }: BrokerConfigs): ReconfigurableLogSettings {
  const { cleanerBackoffMs, cleanerDedupeBufferBytes, producerIdExpirationMs } = logs;
  return given({ topicDefaults, cleanerBackoffMs, cleanerDedupeBufferBytes, producerIdExpirationMs });
}
