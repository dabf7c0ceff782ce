import type { ConfigKind } from './config-kinds.ts';

/** Kafka's numbers for where a value comes from (protocol notes 8.3). */
export const configSources = {
  topic: 1,
  dynamicBroker: 2,
  dynamicCluster: 3,
  brokerFile: 4,
  byDefault: 5,
} as const;

/** Kafka's numbers for types. */
export const configTypes: Readonly<Record<ConfigKind['type'], number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  long: 5,
  double: 6,
  list: 7,
};

/** A value that is in force, or would be if those before it were not set. */
export interface ConfigSynonym {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}

/** A config as DescribeConfigs tells it. */
export interface DescribedConfig extends Omit<ConfigSynonym, 'value'> {
  /** Null where nothing was set and there is no default. */
  readonly value: string | null;
  readonly readOnly: boolean;
  readonly type: ConfigKind['type'];
  /** The value in force first. */
  readonly synonyms: readonly ConfigSynonym[];
}
