import type { ConsumedRecord } from '@millrace/streaming-core/client';
import type { StateRecord } from '@millrace/streaming-core/shared-state';
import type { ConnectConfig } from '../plugin/setting.ts';
import { isObject } from '../record/fields.ts';

/**
 * The state that an operator has requested for a connector, as Connect's topic of configurations names it.
 */
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED';

export interface ConnectorEntry {
  readonly config: ConnectConfig;
  readonly target: TargetState;
  /** One configuration per task. A stopped connector has none. */
  readonly tasks: readonly ConnectConfig[];
  /**
   * Whether the configurations of the tasks are written. Kafka's Connect writes them after the connector's.
   */
  readonly committed: boolean;
}

export interface RestartRequest {
  readonly connector: string;
  readonly includeTasks: boolean;
  readonly onlyFailed: boolean;
}

interface KnownConnector {
  config?: ConnectConfig;
  target: TargetState;
  taskCount?: number;
  readonly taskConfigs: Map<number, ConnectConfig>;
}

/**
 * The topic of configurations in the format of Kafka's Connect. Its keys are `connector-NAME`,
 * `task-NAME-I`, `commit-NAME`, `target-state-NAME` and `restart-connector-NAME`.
 */
export class ConfigLog {
  readonly #connectors = new Map<string, KnownConnector>();
  readonly #onChange: () => void;
  readonly #onRestart: (request: RestartRequest) => void;

  constructor(onChange: () => void, onRestart: (request: RestartRequest) => void) {
    this.#onChange = onChange;
    this.#onRestart = onRestart;
  }

  /** Applies a record. It leaves out keys that only Kafka's workers use, such as their session key. */
  apply({ key, value }: ConsumedRecord): void {
    const [, kind, name = ''] =
      /^(connector|task|commit|target-state|restart-connector)-(.+)$/s.exec(key?.toString() ?? '') ?? [];
    const json = value === null ? null : parsed(value);
    if (kind === undefined || json === undefined) return;
    if (kind === 'restart-connector') return this.#restart(name, json);
    if (kind === 'task') this.#applyTask(name, json);
    else this.#applyTo(this.#known(name), kind, json);
    this.#onChange();
  }

  get names(): readonly string[] {
    return [...this.#connectors].flatMap(([name, { config }]) => (config === undefined ? [] : [name])).sort();
  }

  entry(name: string): ConnectorEntry | undefined {
    const known = this.#connectors.get(name);
    if (known?.config === undefined) return undefined;
    const count = known.taskCount ?? 0;
    const { config, target } = known;
    const tasks = Array.from({ length: count }, (_, task) => known.taskConfigs.get(task) ?? known.config!);
    return { config, target, tasks, committed: known.taskCount !== undefined };
  }

  #restart(connector: string, json: Json | null): void {
    if (json === null) return;
    const includeTasks = json['include-tasks'] === true;
    this.#onRestart({ connector, includeTasks, onlyFailed: json['only-failed'] === true });
  }

  #applyTask(place: string, json: Json | null): void {
    const [, name = '', task = ''] = /^(.+)-(\d+)$/s.exec(place) ?? [];
    if (name === '') return;
    const { taskConfigs } = this.#known(name);
    if (json === null) taskConfigs.delete(Number(task));
    else taskConfigs.set(Number(task), propertiesOf(json));
  }

  #applyTo(known: KnownConnector, kind: string, json: Json | null): void {
    if (kind === 'connector') {
      known.config = json === null ? undefined : propertiesOf(json);
      if (json === null) known.taskCount = undefined;
    } else if (kind === 'commit') known.taskCount = json === null ? undefined : Number(json['tasks']);
    else known.target = json === null ? 'STARTED' : ((json['state.v2'] ?? json['state']) as TargetState);
  }

  #known(name: string): KnownConnector {
    const known = this.#connectors.get(name) ?? { target: 'STARTED' as const, taskConfigs: new Map() };
    this.#connectors.set(name, known);
    return known;
  }
}

type Json = Readonly<Record<string, unknown>>;

function parsed(value: Buffer): Json | undefined {
  try {
    const json: unknown = JSON.parse(value.toString());
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

const propertiesOf = (json: Json): ConnectConfig => (json['properties'] ?? {}) as ConnectConfig;

/** Makes the records that change the topic of configurations. */
export const configRecords = (topic: string) => {
  const record = (key: string, value: unknown): StateRecord => ({
    topic,
    key,
    value: value === null ? null : JSON.stringify(value),
  });
  return {
    connector: (name: string, config: ConnectConfig) => record(`connector-${name}`, { properties: config }),
    /** The record with the number of tasks comes last, because it puts the others into effect. */
    tasks: (name: string, tasks: readonly ConnectConfig[]) => [
      ...tasks.map((config, index) => record(`task-${name}-${index}`, { properties: config })),
      record(`commit-${name}`, { tasks: tasks.length }),
    ],
    /** Older workers do not know the state STOPPED, and pause instead. */
    target: (name: string, state: TargetState) =>
      record(`target-state-${name}`, { state: state === 'STOPPED' ? 'PAUSED' : state, 'state.v2': state }),
    removed: (name: string) => [record(`connector-${name}`, null), record(`target-state-${name}`, null)],
    restart: ({ connector, includeTasks, onlyFailed }: RestartRequest) =>
      record(`restart-connector-${connector}`, {
        'include-tasks': includeTasks,
        'only-failed': onlyFailed,
      }),
  };
};
