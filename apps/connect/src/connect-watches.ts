import { keptLogs } from '@millrace/connect';
import { figureGauge, type Watch } from '@millrace/service-chassis/service';
import type { RunningWorker } from './running-worker.ts';

type Registry = Parameters<typeof figureGauge>[0];

/** Watches whether an error has ended a connector or a task of this worker. */
export const failureWatch = (running: RunningWorker): Watch => ({
  name: 'connectors',
  look: () =>
    (running.worker?.tasks ?? []).map(({ connector, task, state }) => ({
      alarm: 'connector_failed',
      place: { connector, task: task === undefined ? '' : String(task) },
      value: state === 'FAILED' ? 1 : 0,
    })),
});

/** Watches how much of its log a database keeps for a source, which may also be paused or failed. */
export function keptLogWatch(registry: Registry, running: RunningWorker): Watch {
  let kept: ReadonlyMap<string, number> = new Map();
  figureGauge(registry, {
    name: 'millrace_connect_source_log_bytes',
    help: 'How much of its log the database keeps for the source, by connector',
    labels: ['connector'],
    figures: () => [...kept].map(([connector, value]) => ({ labels: { connector }, value })),
  });
  return {
    name: 'logs that databases keep for sources',
    async look() {
      if (running.worker !== undefined) kept = await keptLogs(running.worker);
      return [...kept].map(([connector, value]) => ({
        alarm: 'source_log_kept',
        place: { connector },
        value,
      }));
    },
  };
}
