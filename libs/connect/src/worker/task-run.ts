import type { ConnectionOptions } from '@millrace/streaming-core/client';
import type { Clock, Logger } from '@millrace/streaming-core/runtime';
import type { ConnectConfig } from '../plugin/setting.ts';
import type { TaskContext } from '../plugin/task.ts';
import type { RecordPipeline } from '../settings/record-pipeline.ts';

/** Everything that a source and a sink need to run one task. */
export interface TaskRunOptions {
  readonly connector: string;
  readonly task: number;
  /** The valid configuration with every default. */
  readonly config: ConnectConfig;
  readonly pipeline: RecordPipeline;
  readonly connection: ConnectionOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly measures: Map<string, number>;
  /** Called once the task reads or writes, and again after each interruption. */
  readonly onRunning: () => void;
  /** Called with each topic that the task begins to use. */
  readonly onTopic: (topic: string) => void;
}

/** Runs a task until the signal aborts. Rejects with the reason if it cannot go on. */
export type TaskRun = (signal: AbortSignal) => Promise<void>;

/** Another worker runs the task now, which is not a failure of the task. */
export class TaskTakenOver extends Error {
  override name = 'TaskTakenOver';
}

export const contextOf = ({ connector, task, config, logger }: TaskRunOptions): TaskContext => ({
  connector,
  task,
  config,
  log: (level, message, facts = {}) => logger[level]({ connector, task, ...facts }, message),
});
