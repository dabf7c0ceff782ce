import type { ConfigKind } from './config-kinds.ts';

/** The numbers of config sources, from Apache Kafka's `DescribeConfigsResponse.ConfigSource`. */
export const configSources = {
  topic: 1,
  dynamicBroker: 2,
  dynamicCluster: 3,
  brokerFile: 4,
  byDefault: 5,
} as const;

/** The numbers of config types, from Apache Kafka's `DescribeConfigsResponse.ConfigType`. */
export const configTypes: Readonly<Record<ConfigKind['type'], number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
};

/** The current value, or one that would apply if those before it were not set. */
export interface ConfigSynonym {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

/** A config as DescribeConfigs returns it. */
export interface DescribedConfig extends Omit<ConfigSynonym, 'value'> {
  /** Null if it is not set and has no default. */
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly type: ConfigKind['type'];
  /** The current value comes first. */
  readonly synonyms: readonly ConfigSynonym[];
}

/** The types of resources with configs, from Apache Kafka's `ConfigResource.Type`. */
export const configResourceTypes = {
  topic: 2,
  broker: 4,
  brokerLogger: 8,
  clientMetrics: 16,
  group: 32,
} as const;

export const isConfigResourceType = (type: number): boolean =>
  Object.values<number>(configResourceTypes).includes(type);
