import { connectorOf } from '../settings/plugin-table.ts';
import type { ConnectSetting } from '../plugin/setting.ts';
import type { CheckedSetting, Validation } from '../settings/validation.ts';
import { CommandRefused, unknownConnector } from '../worker/command-refused.ts';
import type { ConnectWorker } from '../worker/worker.ts';

/** Returns a connector in the form of Kafka's Connect. */
export function shownInfo(worker: ConnectWorker, name: string) {
  const entry = worker.state.configs.entry(name);
  if (entry === undefined) throw unknownConnector(name);
  const kind = connectorOf(worker.validation.plugins, entry.config['connector.class'])?.kind;
  return {
    name,
    config: entry.config,
    tasks: entry.tasks.map((_, task) => ({ connector: name, task })),
    type: kind ?? 'unknown',
  };
}

export function shownStatus(worker: ConnectWorker, name: string) {
  const { statuses } = worker.state;
  const { tasks, type } = shownInfo(worker, name);
  const connector = statuses.of({ connector: name });
  if (connector === undefined) throw new CommandRefused(404, `No status found for connector ${name}`);
  return {
    name,
    connector: shownState(connector),
    tasks: tasks.flatMap(({ task }) => {
      const status = statuses.of({ connector: name, task });
      return status === undefined ? [] : [{ id: task, ...shownState(status) }];
    }),
    type,
  };
}

interface State {
  readonly state: string;
  readonly workerId: string;
  readonly trace: string | null;
}

const shownState = ({ state, workerId, trace }: State) => ({
  state,
  worker_id: workerId,
  ...(trace !== null && { trace }),
});

export function shownTaskStatus(worker: ConnectWorker, connector: string, task: number) {
  const status = worker.state.statuses.of({ connector, task });
  if (status === undefined || task >= shownInfo(worker, connector).tasks.length)
    throw new CommandRefused(404, `No status found for task ${connector}-${task}`);
  return { id: task, ...shownState(status) };
}

export const shownValidation = (name: string, { settings, errorCount }: Validation) => ({
  name,
  error_count: errorCount,
  groups: [...new Set(settings.map(({ group }) => group))],
  configs: settings.map((checked, index) => ({
    definition: shownDefinition(checked.setting, checked.group, index + 1),
    value: shownValue(checked),
  })),
});

export const shownDefinition = (setting: ConnectSetting, group: string, order: number) => ({
  name: setting.name,
  type: setting.type,
  required: setting.default === undefined && setting.optional !== true,
  default_value: setting.default ?? null,
  importance: setting.importance,
  documentation: setting.doc,
  group,
  width: 'MEDIUM',
  display_name: setting.name,
  dependents: [],
  order,
});

const shownValue = ({ setting, value, errors }: CheckedSetting) => ({
  name: setting.name,
  value: setting.type === 'PASSWORD' && value !== null ? '[hidden]' : value,
  recommended_values: setting.values ?? [],
  errors,
  visible: true,
});
