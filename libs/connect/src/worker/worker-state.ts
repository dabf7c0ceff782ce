import { openStateTopic, type StateTopic } from '@millrace/streaming-core/shared-state';
import { ConfigLog, type RestartRequest } from '../logs/config-log.ts';
import { OffsetLog } from '../logs/offset-log.ts';
import { StatusLog } from '../logs/status-log.ts';
import { stateTopics, type WorkerOptions } from './worker-options.ts';

export interface StateListener {
  readonly onConfigs: () => void;
  readonly onRestart: (request: RestartRequest) => void;
}

/** The three topics of state, which the worker reads to their ends and then follows. */
export interface WorkerState extends AsyncDisposable {
  readonly configs: ConfigLog;
  readonly offsets: OffsetLog;
  readonly statuses: StatusLog;
  readonly configTopic: StateTopic;
  readonly offsetTopic: StateTopic;
  readonly statusTopic: StateTopic;
}

export async function openWorkerState(options: WorkerOptions, listener: StateListener): Promise<WorkerState> {
  const { connection, topics = stateTopics, replication, onFailed } = options;
  const configs = new ConfigLog(listener.onConfigs, listener.onRestart);
  const offsets = new OffsetLog(topics.offsets);
  const statuses = new StatusLog(topics.statuses);
  const open = (topic: string, log: Pick<ConfigLog, 'apply'>, partitions: number) =>
    openStateTopic({
      connection,
      topic,
      partitions,
      apply: (record) => log.apply(record),
      ...(replication && { replication }),
      ...(onFailed && { onFailed }),
    });
  await using opened = new AsyncDisposableStack();
  const configTopic = opened.use(await open(topics.configs, configs, 1));
  const offsetTopic = opened.use(await open(topics.offsets, offsets, 25));
  const statusTopic = opened.use(await open(topics.statuses, statuses, 5));
  const owned = opened.move();
  const dispose = () => owned.disposeAsync();
  return {
    configs,
    offsets,
    statuses,
    configTopic,
    offsetTopic,
    statusTopic,
    [Symbol.asyncDispose]: dispose,
  };
}
