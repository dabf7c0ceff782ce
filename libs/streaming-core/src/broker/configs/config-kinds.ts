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

/** The values that a Kafka config accepts. The type is the one that DescribeConfigs reports. */
export interface ConfigKind {
  readonly type: 'boolean' | 'string' | 'int' | 'long' | 'double' | 'list';
  /** Null if there is no default. */
  readonly byDefault: string | null;
  readonly isValid: (value: string) => boolean;
  /** Completes the sentence "give ...". */
  readonly expected: string;
}

const int32Max = 2_147_483_647n;
const int64Max = 9_223_372_036_854_775_807n;

const wholeNumber = (type: 'int' | 'long', byDefault: string, min: bigint, max: bigint): ConfigKind => ({
  type,
  byDefault,
  isValid: (value) => /^-?\d{1,19}$/.test(value) && BigInt(value) >= min && BigInt(value) <= max,
  expected: `an integer from ${min} to ${max}`,
});

/** A whole number between two bounds, both included. Kafka's type `int`. */
export const int = (byDefault: string, min: bigint, max = int32Max): ConfigKind =>
  wholeNumber('int', byDefault, min, max);
export const long = (byDefault: string, min: bigint, max = int64Max): ConfigKind =>
  wholeNumber('long', byDefault, min, max);

/** A kind without a default, for a config that another one states in another unit. */
export const without = (kind: ConfigKind): ConfigKind => ({ ...kind, byDefault: null });

/** A kind with its own text about what it accepts. */
export const only = (kind: ConfigKind, expected: string): ConfigKind => ({ ...kind, expected });

/** One of a list of words. The first argument is the default. */
export const oneOf = (byDefault: string, ...values: readonly string[]): ConfigKind => ({
  type: 'string',
  byDefault,
  isValid: (value) => values.includes(value),
  expected: `one of ${values.join(', ')}`,
});

export const flag = (byDefault: 'true' | 'false', ...values: readonly string[]): ConfigKind => ({
  ...oneOf(byDefault, ...(values.length > 0 ? values : ['true', 'false'])),
  type: 'boolean',
});

/** Any text that is not empty. */
export const text = (byDefault: string): ConfigKind => ({
  type: 'string',
  byDefault,
  isValid: (value) => value !== '',
  expected: 'text',
});

export const ratio = (byDefault: string): ConfigKind => ({
  type: 'double',
  byDefault,
  isValid: (value) => /^\d*\.?\d+$/.test(value) && Number(value) <= 1,
  expected: 'a number from 0 to 1',
});

export const listOf = (byDefault: string, ...values: readonly string[]): ConfigKind => ({
  type: 'list',
  byDefault,
  isValid: (value) => itemsOf(value).every((one) => values.includes(one)),
  expected: `${values.join(', ')}, or several of them separated by commas, or nothing`,
});

/**
 * Normalizes a value as Apache Kafka does: without surrounding space, booleans in lower case,
 * numbers in plain form.
 */
export function normalValue({ type }: ConfigKind, value: string): string {
  const text = value.trim();
  if (type === 'boolean') return text.toLowerCase();
  return (type === 'int' || type === 'long') && /^[+-]?\d{1,30}$/.test(text)
    ? String(BigInt(text.replace('+', '')))
    : text;
}

/** Returns the items of a list; empty text has none. */
export const itemsOf = (list: string): string[] =>
  list.trim() === '' ? [] : list.split(',').map((item) => item.trim());

/** A resource with configs that can be changed: a topic or brokers. */
export interface ConfigsToChange {
  /** The configs that are set. */
  readonly configs: ReadonlyMap<string, string>;
  /** Returns undefined for an unknown config. */
  readonly kindOf: (name: string) => ConfigKind | undefined;
  /** Returns the value of a config that is not set, which an append to a list begins with. */
  readonly defaultOf: (name: string) => string;
}

/** Computes the configs to set from those that are set now. */
export type ConfigChange = (target: ConfigsToChange) => ReadonlyMap<string, string>;
