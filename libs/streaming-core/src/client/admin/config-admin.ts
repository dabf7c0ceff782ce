import {
  describeConfigs,
  type DescribeConfigsResponse,
  incrementalAlterConfigs,
} from '../../protocol/apis/configs.ts';
import type { BrokerConnection } from '../connection/broker-connection.ts';
import type { AdminCalls, Answers } from './admin-calls.ts';
import { askAnyBroker } from './by-broker.ts';
import { invalid, namedItems, refusal } from './items-of-call.ts';

/** A resource with configs. */
export interface ConfigResource {
  readonly type: keyof typeof resourceTypes;
  readonly name: string;
}

const resourceTypes = { topic: 2 } as const;

/** The source of a config's value. */
export type ConfigSource = (typeof sources)[keyof typeof sources] | 'unknown';

const sources = {
  1: 'topic',
  2: 'broker',
  3: 'allBrokers',
  4: 'brokerFile',
  5: 'default',
  6: 'brokerLogger',
  7: 'clientMetrics',
  8: 'group',
} as const;

export interface ConfigEntry {
  readonly name: string;
  /** The value in force. It is null for a sensitive config, which brokers never show. */
  readonly value: string | null;
  readonly source: ConfigSource;
  /** True if no topic, broker or file sets the config. */
  readonly isDefault: boolean;
  readonly sensitive: boolean;
  readonly readOnly: boolean;
}

/**
 * A change of one config. `append` and `subtract` change the items of a list, such as
 * `cleanup.policy`. `delete` restores the value of the next source.
 */
export type ConfigChange =
  | { readonly operation: 'set' | 'append' | 'subtract'; readonly name: string; readonly value: string }
  | { readonly operation: 'delete'; readonly name: string };

const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

export interface ConfigAlteration extends ConfigResource {
  readonly changes: readonly ConfigChange[];
}

/**
 * Describes and changes configs. A call about several resources rejects with `ItemsFailed`, by
 * `type name`, for instance `topic orders`, if some of them failed.
 */
export interface ConfigAdmin {
  /** Returns the configs of each resource by their name, in the order of the resources. */
  describe(resources: readonly ConfigResource[]): Promise<ReadonlyArray<ReadonlyMap<string, ConfigEntry>>>;
  /**
   * Changes the named configs and no others, for each resource all of them or none (KIP-339).
   * Apache Kafka applies a change a moment after it has answered.
   */
  alter(alterations: readonly ConfigAlteration[]): Promise<void>;
}

type Ask<Resource extends ConfigResource, Value> = (
  connection: BrokerConnection,
  resources: ReadonlyMap<string, Resource>,
) => Promise<Answers<Value>>;

export class ConfigCalls implements ConfigAdmin {
  readonly #calls: AdminCalls;

  constructor(calls: AdminCalls) {
    this.#calls = calls;
  }

  async describe(
    resources: readonly ConfigResource[],
  ): Promise<ReadonlyArray<ReadonlyMap<string, ConfigEntry>>> {
    const described = await this.#each('describing the configs of', resources, describeOnce);
    return [...described.values()];
  }

  async alter(alterations: readonly ConfigAlteration[]): Promise<void> {
    for (const alteration of alterations)
      if (alteration.changes.length === 0)
        throw invalid(`changes of ${nameOf(alteration)} is empty: name at least one config`);
    await this.#each('altering the configs of', alterations, alterOnce);
  }

  #each<Resource extends ConfigResource, Value>(
    doing: string,
    resources: readonly Resource[],
    ask: Ask<Resource, Value>,
  ): Promise<ReadonlyMap<string, Value>> {
    return this.#calls.each({
      items: namedItems(resources, nameOf),
      attempt: (name) => `${doing} ${name}`,
      ask: (pending) => askAnyBroker(this.#calls.brokers, pending, ask),
    });
  }
}

const nameOf = ({ type, name }: ConfigResource): string => `${type} ${name}`;

async function describeOnce(
  connection: BrokerConnection,
  resources: ReadonlyMap<string, ConfigResource>,
): Promise<Answers<ReadonlyMap<string, ConfigEntry>>> {
  const { results } = await connection.request(describeConfigs, connection.versions.newest(describeConfigs), {
    resources: [...resources.values()].map(({ type, name }) => ({
      resourceType: resourceTypes[type],
      resourceName: name,
      configurationKeys: null,
    })),
  });
  return new Map(
    results.map((result) => [
      nameOfResult(result),
      refusal(result.errorCode, result.errorMessage) ?? entriesOf(result),
    ]),
  );
}

async function alterOnce(
  connection: BrokerConnection,
  alterations: ReadonlyMap<string, ConfigAlteration>,
): Promise<Answers<undefined>> {
  const version = connection.versions.newest(incrementalAlterConfigs);
  const { responses } = await connection.request(incrementalAlterConfigs, version, {
    resources: [...alterations.values()].map(({ type, name, changes }) => ({
      resourceType: resourceTypes[type],
      resourceName: name,
      configs: changes.map((change) => ({
        name: change.name,
        configOperation: operations[change.operation],
        value: change.operation === 'delete' ? null : change.value,
      })),
    })),
    validateOnly: false,
  });
  return new Map(
    responses.map((response) => [nameOfResult(response), refusal(response.errorCode, response.errorMessage)]),
  );
}

type Result = DescribeConfigsResponse['results'][number];

const typeNames = new Map(Object.entries(resourceTypes).map(([name, number]) => [number as number, name]));

const nameOfResult = ({ resourceType, resourceName }: Pick<Result, 'resourceType' | 'resourceName'>) =>
  `${typeNames.get(resourceType)} ${resourceName}`;

const entriesOf = ({ configs }: Pick<Result, 'configs'>): ReadonlyMap<string, ConfigEntry> =>
  new Map(
    configs.map(({ name, value, configSource = 0, isSensitive, readOnly }) => {
      const source: ConfigSource = sources[configSource as keyof typeof sources] ?? 'unknown';
      const isDefault = source === 'default';
      return [name, { name, value, source, isDefault, sensitive: isSensitive, readOnly }];
    }),
  );
