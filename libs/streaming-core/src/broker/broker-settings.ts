import { randomUUID } from 'node:crypto';
import { type Logger, silentLogger } from '../runtime/logger.ts';
import { systemClock, type Clock } from '../runtime/clock.ts';
import { offsetsTopicName } from '../coordinators/groups/offsets-topic.ts';
import { defaultGroupSettings, type GroupSettings } from '../coordinators/groups/group-settings.ts';
import type { PartitionLimit } from '../log/topic-changes.ts';
import {
  defaultTransactionSettings,
  type TransactionSettings,
} from '../coordinators/transactions/transaction.ts';
import { stateTopicName } from '../coordinators/transactions/transaction-log.ts';
import type { FlushPolicy } from '../log/disk/group-commit.ts';
import { readBrokerConfigs, type BrokerConfigs } from './configs/broker-configs.ts';
import { BrokerError } from '../runtime/errors.ts';
import { defaultLimits, type BrokerLimits } from './limits.ts';

export interface BrokerOptions {
  /**
   * Created if it does not exist. Only one broker can use it at a time. Default: a temporary folder
   * that is deleted when the broker closes, for tests.
   */
  readonly dataFolder?: string;
  /** Default: 127.0.0.1, which only this machine can reach. */
  readonly host?: string;
  /** Default: 9092. 0 takes any free port. */
  readonly port?: number;
  /**
   * The host that clients are told to connect to. Default: `host`. Required when `host` is every
   * address.
   */
  readonly advertisedHost?: string;
  /**
   * The port that clients are told to connect to. Default: the port that the broker listens on. Set
   * it when clients use another one, such as a container's mapped port or a proxy.
   */
  readonly advertisedPort?: number;
  /**
   * When acks=all is answered: `commit` (default) after a completed fsync; `interval` and `none`
   * survive the end of the process, but not a power cut.
   */
  readonly flush?: FlushPolicy;
  /**
   * Whether to create topics that a client asks for by name (Kafka's auto.create.topics.enable).
   * Default: false, so that a misspelt topic is an error.
   */
  readonly autoCreateTopics?: boolean;
  /** Number of partitions of a topic whose creator does not set one. Default: 1. */
  readonly defaultPartitions?: number;
  /**
   * Kafka's broker configs by name (`log.retention.ms`, `num.partitions`, ...). If there is an
   * option with the same meaning as a config, the option takes precedence.
   */
  readonly properties?: Readonly<Record<string, string>>;
  readonly limits?: Partial<BrokerLimits>;
  readonly groups?: Partial<GroupSettings>;
  readonly transactions?: Partial<TransactionSettings>;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly newUuid?: () => string;
}

export type BrokerSettings = Required<
  Omit<BrokerOptions, 'limits' | 'groups' | 'transactions' | 'advertisedPort'>
> & {
  readonly advertisedPort?: number;
  readonly deleteTopics: boolean;
  readonly started: BrokerConfigs;
  readonly limits: BrokerLimits;
  readonly groups: GroupSettings;
  readonly transactions: TransactionSettings;
  /** The number of partitions reserved for each topic that the broker creates for itself. */
  readonly reservedPartitions: ReadonlyMap<string, number>;
};

export type OptionsWithFolder = BrokerOptions & { readonly dataFolder: string };

/**
 * Returns the properties, in which options replace the Kafka configs that have the same meaning.
 */
function namedByKafka({
  properties,
  autoCreateTopics,
  defaultPartitions,
  limits = {},
}: BrokerOptions): Readonly<Record<string, string>> {
  const named = given({
    'auto.create.topics.enable': autoCreateTopics,
    'num.partitions': defaultPartitions,
    'max.connections': limits.connectionsMax,
    'max.connections.per.ip': limits.connectionsPerAddressMax,
  });
  return {
    ...properties,
    ...Object.fromEntries(Object.entries(named).map(([name, value]) => [name, String(value)])),
  };
}

/**
 * Merges the options, the configs and the defaults. Throws `BrokerError` when they cannot be used
 * together.
 */
export function brokerSettings(options: OptionsWithFolder): BrokerSettings {
  const host = options.host ?? '127.0.0.1';
  const advertisedHost = options.advertisedHost ?? host;
  if (['0.0.0.0', '::', ''].includes(advertisedHost))
    throw new BrokerError(
      'ADVERTISED_HOST_MISSING',
      `${advertisedHost === '' ? 'no host' : advertisedHost} is every address: ` +
        'set advertisedHost (--advertised-host, advertised.listeners=PLAINTEXT://HOST:PORT) to one that ' +
        'clients can reach',
    );
  const properties = namedByKafka(options);
  const started = readBrokerConfigs(properties);
  const groups = groupSettings({ ...started.groups, ...given(options.groups ?? {}) });
  const transactions = {
    ...defaultTransactionSettings,
    ...started.transactions,
    ...given(options.transactions ?? {}),
  };
  const limits = { ...defaultLimits, ...started.limits, ...given(options.limits ?? {}) };
  const defaultPartitions = options.defaultPartitions ?? started.defaultPartitions ?? 1;
  const reservedPartitions = new Map([
    [offsetsTopicName, groups.offsetsTopicPartitions],
    [stateTopicName, transactions.stateTopicPartitions],
  ]);
  checkPartitionCounts({ defaultPartitions, reservedPartitions, partitionsMax: limits.partitionsMax });
  return {
    host,
    port: 9092,
    advertisedHost,
    flush: 'commit',
    autoCreateTopics: started.autoCreateTopics ?? false,
    deleteTopics: started.deleteTopics ?? true,
    clock: systemClock,
    logger: silentLogger,
    newUuid: randomUUID,
    ...given(options),
    defaultPartitions,
    properties,
    started,
    groups,
    transactions,
    limits,
    reservedPartitions,
  };
}

/** Makes sure that a topic of the default size fits beside the topics of the broker itself. */
function checkPartitionCounts({
  defaultPartitions,
  reservedPartitions,
  partitionsMax,
}: PartitionLimit & { readonly defaultPartitions: number }): void {
  const reserved = [...reservedPartitions.values()].reduce((sum, partitions) => sum + partitions, 0);
  if (reserved + defaultPartitions <= partitionsMax) return;
  throw new BrokerError(
    'CONFIG_INVALID',
    `${partitionsMax} partitions (--partitions-max, millrace.partitions.max) are too few for ` +
      `${defaultPartitions} of num.partitions in addition to ` +
      `${reserved} of offsets.topic.num.partitions and transaction.state.log.num.partitions: ` +
      'raise the first, or lower one of the others',
  );
}

/**
 * Apache Kafka runs even a delay of 0 through its timer and extends it while members join. Clients
 * rely on the effect: members that subscribe at the same moment share the first generation.
 */
const initialRebalanceDelayMsMin = 3;

const groupSettings = (groups: Partial<GroupSettings>): GroupSettings => ({
  ...defaultGroupSettings,
  ...groups,
  initialRebalanceDelayMs: Math.max(groups.initialRebalanceDelayMs ?? 0, initialRebalanceDelayMsMin),
});

/** Treats an option that is undefined as absent. */
export const given = <T extends object>(options: T): T =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
