import { figureGauge } from '@millrace/service-chassis/service';
import type { RunningWorker } from './running-worker.ts';

type Registry = Parameters<typeof figureGauge>[0];

/** The most figures that are shown, so that a connector cannot create metrics without end. */
const figuresMax = 100;

/** Shows the states of the connectors and tasks that this worker runs, and the figures that tasks measure. */
export function showTasks(registry: Registry, running: RunningWorker): void {
  const measured = new Set<string>();
  const tasks = () => running.worker?.tasks ?? [];
  figureGauge(registry, {
    name: 'millrace_connect_tasks',
    help: '1 for each connector and task that this worker runs, by its state; a connector has no label task',
    labels: ['connector', 'task', 'state'],
    figures() {
      for (const { measures } of tasks()) for (const name of measures.keys()) show(name);
      return tasks().map(({ connector, task, state }) => ({
        labels: { connector, task: task === undefined ? '' : String(task), state },
        value: 1,
      }));
    },
  });

  /** A figure is shown from the next scrape on, after the scrape that has found it. */
  const show = (measure: string) => {
    if (measured.has(measure) || measured.size >= figuresMax) return;
    measured.add(measure);
    figureGauge(registry, {
      name: `millrace_connect_${measure}`,
      help: `${measure.replaceAll('_', ' ')}, which the task measures, by connector and task`,
      labels: ['connector', 'task'],
      figures: () =>
        tasks().flatMap(({ connector, task, measures }) => {
          const value = measures.get(measure);
          return value === undefined ? [] : [{ labels: { connector, task: String(task) }, value }];
        }),
    });
  };
}
