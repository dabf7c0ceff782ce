import { validateFields } from '../settings/validation.ts';
import type { ConnectWorker } from './worker.ts';

/**
 * Returns, by connector, how many bytes of its log each database keeps for the sources that this worker owns.
 * It counts a source in any state, because its slot keeps the log even while nobody reads it.
 */
export async function keptLogs(
  worker: Pick<ConnectWorker, 'state' | 'validation' | 'ownerOf' | 'url'>,
): Promise<ReadonlyMap<string, number>> {
  const { state, validation, url } = worker;
  const owned = state.configs.names.filter((connector) => worker.ownerOf({ connector }) === url);
  const found = await Promise.all(
    owned.map(async (name): Promise<readonly (readonly [string, number])[]> => {
      const { connector, config, errorCount } = validateFields(validation, state.configs.entry(name)!.config);
      if (errorCount > 0 || connector?.kind !== 'source' || connector.keptLogBytes === undefined) return [];
      return [[name, await connector.keptLogBytes(config)]];
    }),
  );
  return new Map(found.flat());
}
