import type { ConnectSetting, ConnectConfig, SettingError } from './setting.ts';
import type { SinkTask, SourceTask } from './task.ts';

interface ConnectorFacts {
  /** The class in `connector.class`, as the files of Kafka Connect name it. */
  readonly class: string;
  /** Other names for it, such as the class without its package. */
  readonly aliases: readonly string[];
  readonly version: string;
  /** The class of its tasks in Kafka's Connect, which the topic of configurations names. */
  readonly taskClass?: string;
  readonly settings: readonly ConnectSetting[];
  /**
   * Settings of the foreign connector with this class that change nothing here and so may stay in a
   * file. Every other unknown setting is refused by its name.
   */
  readonly ignored: readonly string[];
  /**
   * Looks at what a single setting cannot tell, for example whether the database answers. Runs in
   * `validate` and before the connector is created. A lost database throws.
   */
  readonly check?: (config: ConnectConfig, signal: AbortSignal) => Promise<readonly SettingError[]>;
}

export interface SourceConnector extends ConnectorFacts {
  readonly kind: 'source';
  /** A source runs as one task. */
  readonly createTask: () => SourceTask;
  /**
   * How many bytes of its log the database keeps for this connector, in whatever state it is: 0 if it
   * keeps nothing. Rejects if the database does not answer.
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
