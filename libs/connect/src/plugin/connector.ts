import type { ConnectSetting, ConnectConfig, SettingError } from './setting.ts';
import type { SinkTask, SourceTask } from './task.ts';

interface ConnectorFacts {
  /** The class by which `connector.class` names the connector in Kafka Connect's files. */
  readonly class: string;
  /** Other names for the connector, such as its class without the package. */
  readonly aliases: readonly string[];
  readonly version: string;
  /** The class of its tasks in Kafka's Connect, which the topic of configurations names. */
  readonly taskClass?: string;
  readonly settings: readonly ConnectSetting[];
  /**
   * Settings of the original connector that have no effect here, so that its files can keep them. The worker
   * refuses every other unknown setting by its name.
   */
  readonly ignored: readonly string[];
  /**
   * Checks what a single setting cannot tell, for example whether the database answers. Runs in `validate`
   * and before the connector is created. Throws if the database cannot be reached.
   */
  readonly check?: (config: ConnectConfig, signal: AbortSignal) => Promise<readonly SettingError[]>;
}

export interface SourceConnector extends ConnectorFacts {
  readonly kind: 'source';
  /** A source runs as one task. */
  readonly createTask: () => SourceTask;
  /**
   * Returns how many bytes of its log the database keeps for this connector, whatever its state. Rejects if
   * the database does not answer.
   */
  readonly keptLogBytes?: (config: ConnectConfig) => Promise<number>;
}

export interface SinkConnector extends ConnectorFacts {
  readonly kind: 'sink';
  /** A sink runs as up to `tasks.max` tasks, which share the partitions of its topics. */
  readonly createTask: () => SinkTask;
}

/** A kind of connector that a worker can run. */
export type Connector = SourceConnector | SinkConnector;
