import { validateFields } from '../settings/validation.ts';
import type { ConnectWorker } from './worker.ts';

/**
 * How many bytes of its log each database keeps for a source that this worker owns, by connector. A
 * source counts in whatever state it is, because its slot keeps the log also while nobody reads it.
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
