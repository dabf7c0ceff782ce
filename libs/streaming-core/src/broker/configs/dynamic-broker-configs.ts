import { ChecksummedFile } from '../../log/data-folder/checksummed-file.ts';
import type { Logger } from '../../runtime/index.ts';
import { serialQueue } from '../../runtime/serial-queue.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { ProtocolError } from '../../protocol/errors.ts';
import { isDynamicConfig } from './broker-config-definitions.ts';
import {
  brokerConfigKind,
  brokerConfigProblem,
  readBrokerConfigs,
  type BrokerConfigs,
  type DynamicProperties,
  noDynamicProperties,
} from './broker-configs.ts';
import type { ConfigChange } from './config-kinds.ts';
import { unservedConfigs } from './unserved-configs.ts';

type Properties = Readonly<Record<string, string>>;

/** The resource name that stands for all brokers. */
const everyBroker = '';

const storedFile = new ChecksummedFile<DynamicProperties>({
  name: 'dynamic-configs.json',
  field: 'configs',
  remedy: 'restore it from a copy, or remove it and set its configs again',
});

interface StoredConfigsOptions {
  readonly dataFolder: string;
  /** The configs that the broker was started with. */
  readonly file: Properties;
  readonly logger: Logger;
}

interface StoredConfigs {
  readonly file: Properties;
  readonly dynamic: DynamicProperties;
  /** The current configs: the file's, overridden by those that were changed while a broker ran. */
  readonly current: BrokerConfigs;
}

/**
 * Reads the configs that were changed while an earlier broker ran; they override the file. Throws
 * CONFIG_INVALID when the file has invalid values, and DataFolderError when the stored configs are
 * damaged.
 */
export function readStoredConfigs({ dataFolder, file, logger }: StoredConfigsOptions): StoredConfigs {
  // Ignoring a damaged file could delete records that were meant to be kept.
  const stored = storedFile.read(dataFolder) ?? noDynamicProperties;
  const dynamic = {
    broker: possible(stored.broker, logger),
    cluster: possible(stored.cluster, logger),
  };
  return { file, dynamic, current: readBrokerConfigs(file, dynamic) };
}

function possible(stored: Properties, logger: Logger): Properties {
  const problems = Object.entries(stored).filter(
    ([name, value]) => !isDynamicConfig(name) || brokerConfigProblem(name, value) !== undefined,
  );
  for (const [name, value] of problems)
    logger.warn({ name, value }, 'ignored a config that was set while an earlier broker ran');
  return Object.fromEntries(
    Object.entries(stored).filter((entry) => !problems.some(([name]) => name === entry[0])),
  );
}

interface DynamicBrokerConfigsOptions {
  /** Writes the changed configs to the data folder. */
  readonly logs: Pick<LogManager, 'replaceFile'>;
  readonly logger: Logger;
}

/**
 * The broker's current configs: those it was started with, overridden by those that were changed
 * for the cluster or for this broker while it ran. Changes run one at a time, and each is on disk
 * and in force when it resolves (KIP-226).
 */
export class DynamicBrokerConfigs {
  readonly #options: DynamicBrokerConfigsOptions;
  #configs: StoredConfigs;
  readonly #oneByOne = serialQueue();
  #listener: (configs: BrokerConfigs) => void = () => undefined;

  constructor(stored: StoredConfigs, options: DynamicBrokerConfigsOptions) {
    this.#options = options;
    this.#configs = stored;
  }

  get current(): BrokerConfigs {
    return this.#configs.current;
  }

  onChange(listener: (configs: BrokerConfigs) => void): void {
    this.#listener = listener;
  }

  /**
   * Throws INVALID_REQUEST for another broker, for a config that Kafka cannot change while it runs,
   * and for an invalid value. Throws KAFKA_STORAGE_ERROR when the disk refuses.
   */
  apply(
    resource: string,
    change: ConfigChange,
    { validateOnly }: { readonly validateOnly: boolean },
  ): Promise<void> {
    return this.#oneByOne(() => this.#apply(resource, change, validateOnly));
  }

  async #apply(resource: string, change: ConfigChange, validateOnly: boolean): Promise<void> {
    const { file, dynamic: before } = this.#configs;
    checkBroker(resource, this.current);
    const layer = resource === everyBroker ? 'cluster' : 'broker';
    const wanted = change({
      configs: new Map(Object.entries(before[layer])),
      kindOf: brokerConfigKind,
      defaultOf: (name) => brokerConfigKind(name)?.byDefault ?? '',
    });
    checkDynamic(wanted);
    if (validateOnly) return;
    const dynamic = {
      ...before,
      [layer]: Object.fromEntries([...wanted].map(([name, value]) => [name, value.trim()])),
    };
    const current = readBrokerConfigs(file, dynamic);
    await this.#options.logs.replaceFile(storedFile.name, storedFile.textOf(dynamic));
    this.#configs = { file, dynamic, current };
    this.#options.logger.info({ resource, configs: dynamic[layer] }, 'broker configs were changed');
    this.#listener(current);
  }
}

function checkBroker(resource: string, { nodeId }: BrokerConfigs): void {
  if (resource === everyBroker || resource === String(nodeId)) return;
  throw new ProtocolError('INVALID_REQUEST', `there is no broker ${resource}: this is broker ${nodeId}`);
}

function checkDynamic(wanted: ReadonlyMap<string, string>): void {
  const problems = [...wanted].flatMap(([name, value]) => {
    const problem = brokerConfigProblem(name, value);
    if (problem !== undefined) return [problem];
    if (unservedConfigs.withoutEffect.has(name))
      return [`${name} has no effect on one embedded node: leave it out`];
    return isDynamicConfig(name)
      ? []
      : [`${name} cannot be changed while the broker runs: change its configuration file and restart it`];
  });
  if (problems.length > 0) throw new ProtocolError('INVALID_REQUEST', problems.join('; '));
}
