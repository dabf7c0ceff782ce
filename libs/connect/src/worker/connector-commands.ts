import type { Election, StateRecord } from '@millrace/streaming-core/shared-state';
import type { Clock } from '@millrace/streaming-core/runtime';
import type { ConnectConfig } from '../plugin/setting.ts';
import {
  configRecords,
  type ConnectorEntry,
  type RestartRequest,
  type TargetState,
} from '../logs/config-log.ts';
import { validate, validateFields, type Validation, type ValidationContext } from '../settings/validation.ts';
import { CommandRefused, refusalOf, unknownConnector } from './command-refused.ts';
import type { StatusReports } from './status-reports.ts';
import type { WorkerState } from './worker-state.ts';

export interface CommandParts {
  readonly state: WorkerState;
  readonly election: Election;
  readonly reports: StatusReports;
  readonly validation: ValidationContext;
  readonly clock: Clock;
}

/** How long the check of a database may take before the worker refuses the configuration. */
const checkMsMax = 30_000;
/** The broker takes a record of up to 1 MB, and the configurations of all tasks are in one transaction. */
const configBytesMax = 500_000;
const taskBytesMax = 10_000_000;

/** The commands that change connectors. Only the leader of the workers carries them out. */
export class ConnectorCommands {
  readonly #parts: CommandParts;
  readonly #records: ReturnType<typeof configRecords>;

  constructor(parts: CommandParts) {
    this.#parts = parts;
    this.#records = configRecords(parts.state.configTopic.topic);
  }

  async create(name: string, config: ConnectConfig, target: TargetState = 'STARTED'): Promise<void> {
    this.#refuseExisting(name);
    const valid = await this.#valid(config);
    await this.#write(() => {
      this.#refuseExisting(name);
      const tasks = target === 'STOPPED' ? [] : taskConfigs(valid, config);
      return [
        this.#records.target(name, target),
        this.#records.connector(name, config),
        ...this.#records.tasks(name, tasks),
      ];
    });
  }

  /** Resolves with whether the connector is new. */
  async put(name: string, config: ConnectConfig): Promise<boolean> {
    const valid = await this.#valid(config);
    const isNew = this.#parts.state.configs.entry(name) === undefined;
    await this.#write(() => {
      const known = this.#parts.state.configs.entry(name);
      const tasks = known?.target === 'STOPPED' ? [] : taskConfigs(valid, config);
      return [this.#records.connector(name, config), ...this.#records.tasks(name, tasks)];
    });
    return isNew;
  }

  /** Changes single settings. A null removes one. */
  async patch(name: string, changes: Readonly<Record<string, string | null>>): Promise<void> {
    const { config } = this.#entry(name);
    const merged = Object.entries({ ...config, ...changes }).filter(([, value]) => value !== null);
    await this.put(name, Object.fromEntries(merged) as ConnectConfig);
  }

  async remove(name: string): Promise<void> {
    await this.#write(() => {
      this.#entry(name);
      return this.#records.removed(name);
    });
    this.#parts.reports.forget(name);
    await this.#parts.reports.flush();
  }

  async setTarget(name: string, target: TargetState): Promise<void> {
    await this.#write(() => {
      const { config } = this.#entry(name);
      const tasks =
        target === 'STOPPED' ? [] : taskConfigs(validateFields(this.#parts.validation, config), config);
      return [this.#records.target(name, target), ...this.#records.tasks(name, tasks)];
    });
  }

  async restart(request: RestartRequest): Promise<void> {
    await this.#write(() => {
      this.#entry(request.connector);
      return [this.#records.restart(request)];
    });
  }

  /** Writes the tasks of each connector of which another worker has written only the configuration. */
  async completeTasks(): Promise<void> {
    const { configs } = this.#parts.state;
    const incomplete = () =>
      configs.names.filter((name) => {
        const { committed, target } = configs.entry(name)!;
        return !committed && target !== 'STOPPED';
      });
    if (incomplete().length === 0) return;
    await this.#write(() =>
      incomplete().flatMap((name) => {
        const { config } = configs.entry(name)!;
        return this.#records.tasks(name, taskConfigs(validateFields(this.#parts.validation, config), config));
      }),
    );
  }

  #entry(name: string): ConnectorEntry {
    const entry = this.#parts.state.configs.entry(name);
    if (entry) return entry;
    throw unknownConnector(name);
  }

  #refuseExisting(name: string): void {
    if (this.#parts.state.configs.entry(name) !== undefined)
      throw new CommandRefused(409, `Connector ${name} already exists`);
  }

  async #valid(config: ConnectConfig): Promise<Validation> {
    const { validation, clock } = this.#parts;
    const late = new AbortController();
    const cancel = clock.after(checkMsMax, () => late.abort());
    const found = await validate(validation, config, late.signal).finally(cancel);
    const errors =
      found.errorCount > 0 ? found.settings.flatMap((one) => one.errors) : sizeProblems(found, config);
    if (errors.length === 0) return found;
    throw new CommandRefused(
      400,
      `Connector configuration is invalid and contains the following ${errors.length} error(s):\n` +
        `${errors.join('\n')}\n` +
        'You can also find the above list of errors at the endpoint ' +
        '`/connector-plugins/{connectorType}/config/validate`',
    );
  }

  async #write(decide: () => readonly StateRecord[]): Promise<void> {
    try {
      await this.#parts.election.write(decide);
    } catch (error) {
      throw refusalOf(error);
    }
  }
}

function sizeProblems(valid: Validation, config: ConnectConfig): readonly string[] {
  const bytes = Buffer.byteLength(JSON.stringify(config));
  if (bytes > configBytesMax)
    return [`The configuration has ${bytes} bytes, and at most ${configBytesMax} are possible`];
  const tasks = taskCount(valid);
  if (bytes * tasks <= taskBytesMax) return [];
  return [`${tasks} tasks with ${bytes} bytes each are more than ${taskBytesMax} bytes: lower tasks.max`];
}

/** A sink has as many tasks as `tasks.max` says, and a source has one. */
const taskCount = ({ connector, config }: Validation): number =>
  connector?.kind === 'sink' ? Number(config['tasks.max']) : 1;

function taskConfigs(valid: Validation, config: ConnectConfig): readonly ConnectConfig[] {
  const { connector } = valid;
  const taskClass = connector?.taskClass ?? connector?.class ?? '';
  return Array.from({ length: taskCount(valid) }, () => ({ ...config, 'task.class': taskClass }));
}
