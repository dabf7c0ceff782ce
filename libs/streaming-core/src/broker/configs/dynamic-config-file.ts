import { ChecksummedFile } from '../../log/data-folder/checksummed-file.ts';
import type { LogManager } from '../../log/log-manager-port.ts';
import { noDynamicProperties, type DynamicProperties } from './broker-configs.ts';

const file = new ChecksummedFile<DynamicProperties>({
  name: 'dynamic-configs.json',
  field: 'configs',
  remedy: 'restore it from a copy, or remove it and set its configs again',
});

/** Durable when it resolves. */
export async function writeDynamicConfigs(
  logs: Pick<LogManager, 'replaceFile'>,
  configs: DynamicProperties,
): Promise<void> {
  await logs.replaceFile(file.name, file.textOf(configs));
}

/**
 * Throws DataFolderError when the file cannot be read. Ignoring the file could delete records that
 * were meant to be kept.
 */
export function readDynamicConfigs(dataFolder: string): DynamicProperties {
  return file.read(dataFolder) ?? noDynamicProperties;
}
