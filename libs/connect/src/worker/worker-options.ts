import type { AdminOptions, ConnectionOptions, GroupConsumerOptions } from '@millrace/streaming-core/client';
import type { Clock, DurationMs, Logger } from '@millrace/streaming-core/runtime';
import type { PluginTable } from '../settings/plugin-table.ts';
import type { ConnectConfig } from '../plugin/setting.ts';

export interface WorkerOptions {
  readonly connection: ConnectionOptions;
  /** The group whose workers share the connectors. Java workers need a group of their own. */
  readonly groupId: string;
  /**
   * The address at which the other workers reach this one's REST interface, such as `http://127.0.0.1:8083`.
   */
  readonly url: string;
  readonly plugins: PluginTable;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly topics?: StateTopics;
  /** The number of copies of the topics of state. */
  readonly replication?: Pick<AdminOptions, 'replicationFactor' | 'minInSyncReplicas'>;
  /** Settings that apply to each connector unless its configuration sets them. */
  readonly defaults?: ConnectConfig;
  /** How often the worker commits the offsets of sinks. */
  readonly flushIntervalMs?: DurationMs;
  readonly timing?: Pick<
    GroupConsumerOptions,
    'sessionTimeoutMs' | 'rebalanceTimeoutMs' | 'heartbeatIntervalMs'
  >;
  /** Called when this worker cannot continue, so that the process has to end. */
  readonly onFailed?: (error: Error) => void;
}

/** The compacted topics of state. Their default names are those of Kafka's Connect. */
export interface StateTopics {
  readonly configs: string;
  readonly offsets: string;
  readonly statuses: string;
}

export const stateTopics: StateTopics = {
  configs: 'connect-configs',
  offsets: 'connect-offsets',
  statuses: 'connect-status',
};

const json = 'org.apache.kafka.connect.json.JsonConverter';

/**
 * The converters of a connector that names none. Values are JSON without schemas. Sinks read keys as text,
 * because most keys are text and JSON is text too.
 */
export const defaultConverters = (kind: 'source' | 'sink'): ConnectConfig => ({
  ...(kind === 'sink'
    ? { 'key.converter': 'org.apache.kafka.connect.storage.StringConverter' }
    : { 'key.converter': json, 'key.converter.schemas.enable': 'false' }),
  'value.converter': json,
  'value.converter.schemas.enable': 'false',
  'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
});
