import { ConnectError } from '../plugin/connect-error.ts';
import type { ConnectorEntry } from '../logs/config-log.ts';
import type { StatusPlace } from '../logs/status-log.ts';
import { recordPipeline } from '../settings/record-pipeline.ts';
import { validateFields, type ValidationContext } from '../settings/validation.ts';
import { assign } from './assignment.ts';
import type { RunParts, WantedWork } from './owned-tasks.ts';
import { sinkRun } from './sink-run.ts';
import { sourceRun } from './source-run.ts';
import type { TaskRun } from './task-run.ts';
import type { WorkerOptions } from './worker-options.ts';
import type { WorkerState } from './worker-state.ts';

/** The facts from which each worker computes the owners. */
export interface Sharing {
  readonly state: WorkerState;
  /** The addresses of the workers. */
  readonly members: readonly string[];
}

const pieceOf = ({ connector, task }: StatusPlace): string => `${connector}\n${task ?? 'connector'}`;

/** Returns every connector and task with the address of the worker that runs it. */
export function owners({ state, members }: Sharing): ReadonlyMap<StatusPlace, string> {
  const places = state.configs.names.flatMap((connector): readonly StatusPlace[] => [
    { connector },
    ...state.configs.entry(connector)!.tasks.map((_, task) => ({ connector, task })),
  ]);
  const tasks = places.filter(({ task }) => task !== undefined);
  const connectors = places.filter(({ task }) => task === undefined);
  const assigned = new Map([
    ...assign(members, tasks.map(pieceOf)),
    ...assign(members, connectors.map(pieceOf)),
  ]);
  return new Map(
    places.flatMap((place) => {
      const owner = assigned.get(pieceOf(place));
      return owner === undefined ? [] : [[place, owner]];
    }),
  );
}

export interface WorkParts {
  readonly options: WorkerOptions & Required<Pick<WorkerOptions, 'clock' | 'flushIntervalMs'>>;
  readonly state: WorkerState;
  readonly validation: ValidationContext;
}

/** Returns the work of a worker for a connector or a task that it owns. */
export function workOf(parts: WorkParts, place: StatusPlace, restarts: number): WantedWork {
  const entry = parts.state.configs.entry(place.connector)!;
  const version = JSON.stringify([entry.config, entry.target, restarts]);
  if (entry.target !== 'STARTED') return { place, version, run: entry.target };
  if (place.task !== undefined)
    return { place, version, run: taskRun(parts, { ...place, task: place.task }, entry) };
  const { errorCount } = validateFields(parts.validation, entry.config);
  return {
    place,
    version,
    run: errorCount === 0 ? 'RUNNING' : () => async () => void validConfig(parts, entry),
  };
}

const taskRun =
  (parts: WorkParts, place: Required<StatusPlace>, entry: ConnectorEntry) =>
  ({ measures, onRunning, onTopic }: RunParts): TaskRun =>
  async (signal) => {
    const { options, state, validation } = parts;
    const { connector, config } = validConfig(parts, entry);
    const { connection, clock, logger, flushIntervalMs, groupId } = options;
    const run = {
      ...place,
      config,
      pipeline: recordPipeline(validation.plugins, config),
      connection,
      clock,
      logger,
      measures,
      onRunning,
      onTopic,
    };
    if (connector.kind === 'sink') return sinkRun({ ...run, sink: connector, flushIntervalMs })(signal);
    return sourceRun({
      ...run,
      source: connector,
      offsets: state.offsets,
      readOffsets: () => state.offsetTopic.readToEnd(),
      transactionalId: transactionalIdOf(groupId, place),
    })(signal);
  };

/** The transactional id of a source's task, as Kafka's Connect names it. */
export const transactionalIdOf = (groupId: string, { connector, task }: Required<StatusPlace>): string =>
  `${groupId}-${connector}-${task}`;

/**
 * Throws for a configuration that is not valid here, although another worker, such as a Java one, has
 * accepted it.
 */
function validConfig({ validation }: WorkParts, { config: given }: ConnectorEntry) {
  const { connector, config, settings, errorCount } = validateFields(validation, given);
  if (connector !== undefined && errorCount === 0) return { connector, config };
  throw new ConnectError(settings.flatMap(({ errors }) => errors).join('\n'));
}
