import { figureGauge } from '@millrace/service-chassis/service';
import type { RunningWorker } from './running-worker.ts';

type Registry = Parameters<typeof figureGauge>[0];

const counts = {
  source_records: 'Records that the task of a source has written to the log since it started',
  sink_records: 'Records that the task of a sink has taken from the log since it started',
  tolerated_errors: 'Records that the task has left out since it started, because they failed',
} as const;

/** Shows the states of the connectors and tasks that this worker runs, and what each task has done. */
export function showTasks(registry: Registry, running: RunningWorker): void {
  const tasks = () => running.worker?.tasks ?? [];
  figureGauge(registry, {
    name: 'millrace_connect_tasks',
    help: '1 for each connector and task that this worker runs, by its state; a connector has no label task',
    labels: ['connector', 'task', 'state'],
    figures: () =>
      tasks().map(({ connector, task, state }) => ({
        labels: { connector, task: task === undefined ? '' : String(task), state },
        value: 1,
      })),
  });
  for (const [name, help] of Object.entries(counts))
    figureGauge(registry, {
      name: `millrace_connect_${name}`,
      help: `${help}, by connector and task`,
      labels: ['connector', 'task'],
      figures: () =>
        tasks().flatMap(({ connector, task, measures }) => {
          const value = measures.get(name);
          return value === undefined ? [] : [{ labels: { connector, task: String(task) }, value }];
        }),
    });
}
