import type { AdminOptions, ConnectionOptions, GroupConsumerOptions } from '@millrace/streaming-core/client';
import type { Clock, DurationMs, Logger } from '@millrace/streaming-core/runtime';
import type { PluginTable } from '../settings/plugin-table.ts';
import type { ConnectConfig } from '../plugin/setting.ts';

export interface WorkerOptions {
  readonly connection: ConnectionOptions;
  /** The workers of one group share the connectors. A worker of Java needs a group of its own. */
  readonly groupId: string;
  /** Where the other workers reach the REST interface of this one, such as `http://127.0.0.1:8083`. */
  readonly url: string;
  readonly plugins: PluginTable;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly topics?: StateTopics;
  /** The copies of the topics of state. */
  readonly replication?: Pick<AdminOptions, 'replicationFactor' | 'minInSyncReplicas'>;
  /** Settings that each connector has unless its configuration says otherwise. */
  readonly defaults?: ConnectConfig;
  /** How often the offsets of sinks are committed. */
  readonly flushIntervalMs?: DurationMs;
  readonly timing?: Pick<
    GroupConsumerOptions,
    'sessionTimeoutMs' | 'rebalanceTimeoutMs' | 'heartbeatIntervalMs'
  >;
  /** Called when this worker cannot go on, so that the process has to end. */
  readonly onFailed?: (error: Error) => void;
}

/** The compacted topics that hold the state, by the names that Kafka's Connect gives them by default. */
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
 * The converters of a connector that names none: JSON without schemas. Keys that a sink reads are
 * text, since most keys are and JSON is text too.
 */
export const defaultConverters = (kind: 'source' | 'sink'): ConnectConfig => ({
  ...(kind === 'sink'
    ? { 'key.converter': 'org.apache.kafka.connect.storage.StringConverter' }
    : { 'key.converter': json, 'key.converter.schemas.enable': 'false' }),
  'value.converter': json,
  'value.converter.schemas.enable': 'false',
  'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
});
