import type { GroupSettings } from '../../coordinators/groups/group-settings.ts';
import type { TransactionSettings } from '../../coordinators/transactions/transaction.ts';
import {
  brokerConfigDefinitions as definitions,
  isDynamicConfig,
  isInternalConfig,
  type LogNumbers,
  type Target,
} from './broker-config-definitions.ts';
import { BrokerError } from '../../runtime/errors.ts';
import {
  normalValue,
  type ConfigKind,
  configSources,
  type ConfigSynonym,
  type DescribedConfig,
} from './config-kinds.ts';
import type { BrokerLimits } from '../limits.ts';
import { unservedConfigs } from './unserved-configs.ts';

type Properties = Readonly<Record<string, string>>;

/**
 * The configs that were set while the broker ran: for this broker, and for all brokers of the
 * cluster.
 */
export interface DynamicProperties {
  readonly broker: Properties;
  readonly cluster: Properties;
}

export const noDynamicProperties: DynamicProperties = { broker: {}, cluster: {} };

/** A config with its current value, as DescribeConfigs returns it. */
export interface BrokerConfigEntry extends DescribedConfig {
  /** The topic config for which this is the default. */
  readonly topicConfig: string | undefined;
}

/** The configs of a broker, converted for the components that act on them. */
export interface BrokerConfigs {
  readonly nodeId: number;
  readonly entries: readonly BrokerConfigEntry[];
  /** Configs that Kafka knows and that have no effect on one embedded node. */
  readonly withoutEffect: readonly string[];
  /** Values by topic config, as far as they were set. */
  readonly topicDefaults: ReadonlyMap<string, string>;
  readonly limits: Partial<BrokerLimits>;
  readonly logs: Partial<LogNumbers> & { readonly cleanerEnabled?: boolean };
  readonly groups: Partial<GroupSettings>;
  readonly transactions: Partial<TransactionSettings>;
  readonly autoCreateTopics?: boolean;
  readonly deleteTopics?: boolean;
  readonly defaultPartitions?: number;
}

/**
 * Reads Kafka's properties. Throws CONFIG_INVALID with every config that is unknown, not supported,
 * or has an invalid value.
 */
export function readBrokerConfigs(
  properties: Properties,
  dynamic: DynamicProperties = noDynamicProperties,
): BrokerConfigs {
  const file = withBothIds(properties);
  const problems = Object.entries(properties).flatMap(
    ([name, value]) => brokerConfigProblem(name, value) ?? [],
  );
  if (problems.length > 0) throw new BrokerError('CONFIG_INVALID', problems.join('; '));
  const inForce = { ...file, ...dynamic.cluster, ...dynamic.broker };
  const given = (name: string) => valueIn(inForce, name);
  const set = Object.entries(definitions).flatMap(([name, [, target]]) => {
    const value = given(name);
    return value === undefined ? [] : [{ value, target }];
  });
  const switched = (name: string, key: string) =>
    given(name) === undefined ? {} : { [key]: given(name) === 'true' };
  const numbers = (kind: 'limit' | 'log' | 'group' | 'transaction') =>
    Object.fromEntries(
      set.flatMap(({ value, target }) => {
        const setting = (target as Partial<Record<typeof kind, string>>)[kind];
        return setting === undefined ? [] : [[setting, Number(inOurUnit(value, target))]];
      }),
    );
  return {
    nodeId: Number(given('node.id') ?? brokerConfigKind('node.id')!.byDefault),
    entries: Object.keys(definitions)
      .filter((name) => !isInternalConfig(name) || given(name) !== undefined)
      .map((name) => entryOf(name, file, dynamic)),
    withoutEffect: Object.keys(file).filter(hasNoEffect),
    topicDefaults: new Map(
      set.flatMap(({ value, target }) =>
        'topic' in target ? [[target.topic, inOurUnit(value, target)]] : [],
      ),
    ),
    limits: numbers('limit'),
    logs: { ...numbers('log'), ...switched('log.cleaner.enable', 'cleanerEnabled') },
    groups: numbers('group'),
    transactions: numbers('transaction'),
    ...switched('auto.create.topics.enable', 'autoCreateTopics'),
    ...switched('delete.topic.enable', 'deleteTopics'),
    ...(given('num.partitions') !== undefined && { defaultPartitions: Number(given('num.partitions')) }),
  };
}

/** Sets both `node.id` and its older name `broker.id`, which mean the same in Apache Kafka too. */
function withBothIds(properties: Properties): Properties {
  const id = properties['node.id'] ?? properties['broker.id'];
  return id === undefined ? properties : { ...properties, 'broker.id': id, 'node.id': id };
}

export const brokerConfigKind = (name: string): ConfigKind | undefined =>
  Object.hasOwn(definitions, name) ? definitions[name]![0] : undefined;

/** Returns the problem with the value, or undefined if there is none. */
export function brokerConfigProblem(name: string, value: string): string | undefined {
  const kind = brokerConfigKind(name);
  if (kind !== undefined)
    return kind.isValid(normalValue(kind, value))
      ? undefined
      : `${name}=${value} is invalid: give ${kind.expected}`;
  if (unservedConfigs.withoutEffect.has(name)) return undefined;
  const reason = unservedConfigs.reasonAgainst(name);
  return reason === undefined ? `${name} is not a broker config: check its spelling` : `${name}: ${reason}`;
}

function valueIn(properties: Properties, name: string): string | undefined {
  const kind = brokerConfigKind(name);
  return kind !== undefined && Object.hasOwn(properties, name)
    ? normalValue(kind, properties[name]!)
    : undefined;
}

function hasNoEffect(name: string): boolean {
  const target = Object.hasOwn(definitions, name) ? definitions[name]![1] : undefined;
  return (
    unservedConfigs.withoutEffect.has(name) ||
    (target !== undefined && 'topic' in target && target.kept === true)
  );
}

function entryOf(name: string, file: Properties, dynamic: DynamicProperties): BrokerConfigEntry {
  const [{ type, byDefault }, target] = definitions[name]!;
  const synonyms = synonymsOf(name, file, dynamic);
  return {
    name,
    type,
    synonyms,
    readOnly: !isDynamicConfig(name),
    value: synonyms[0]?.value ?? byDefault,
    source: synonyms[0]?.source ?? configSources.byDefault,
    topicConfig: 'topic' in target ? target.topic : undefined,
  };
}

/**
 * Returns the synonyms in Kafka's order: by source, and within each source by unit, the finest
 * first. Leaves out what precedes the config itself.
 */
function synonymsOf(
  name: string,
  file: Properties,
  { broker, cluster }: DynamicProperties,
): readonly ConfigSynonym[] {
  const names = unitsOf(name);
  const from = (properties: Properties, source: number) =>
    names.flatMap((one) => {
      const value = valueIn(properties, one);
      return value === undefined ? [] : [{ name: one, value, source }];
    });
  const defaults = names
    .flatMap((one) => definitions[one]![0].byDefault ?? [])
    .map((value) => ({ name: names.at(-1)!, value }));
  const all = [
    ...from(broker, configSources.dynamicBroker),
    ...from(cluster, configSources.dynamicCluster),
    ...from(file, configSources.brokerFile),
    ...defaults.map((one) => ({ ...one, source: configSources.byDefault })),
  ];
  const own = all.findIndex((one) => one.name === name);
  return own < 0 ? [] : all.slice(own);
}

/** Returns the configs of the same meaning, the finest unit first. */
function unitsOf(name: string): readonly string[] {
  const target = definitions[name]![1];
  if (!('topic' in target)) return [name];
  const same = Object.entries(definitions).filter(
    ([, [, other]]) => 'topic' in other && other.topic === target.topic,
  );
  return same.map(([one]) => one).reverse();
}

/** The value -1 means "unlimited" and is not converted. */
const inOurUnit = (value: string, target: Target): string =>
  !('factor' in target) || target.factor === undefined || value.startsWith('-')
    ? value
    : String(BigInt(value) * target.factor);
