import type { ProjectionProgress, Rebuilds } from '@millrace/event-sourcing';
import type { Registry } from 'prom-client';
import { REBUILDS } from './event-store.tokens.ts';
import { figureGauge, METRICS } from '../../observability/metrics/metrics.ts';
import { provide, token } from '../../ground/provide.ts';
import { WATCHER, type Watch } from '../../observability/watch/watcher.ts';

/** Provides the watch of the service's rebuilds. */
export const rebuildWatchProvider = provide(
  token<void>('rebuild watch'),
  [WATCHER, METRICS, REBUILDS],
  (watcher, { registry }, rebuilds) => watcher.add(rebuildWatch(registry, rebuilds)),
);

/** Shows how far rebuilt read models are behind the event store, in events and in seconds. */
export function rebuildWatch(registry: Registry, { progress }: Pick<Rebuilds, 'progress'>): Watch {
  let found: readonly ProjectionProgress[] = [];
  const gauge = (name: string, help: string, valueOf: (progress: ProjectionProgress) => number) =>
    figureGauge(registry, {
      name,
      help,
      labels: ['projection'],
      figures: () => found.map((each) => ({ labels: { projection: each.projection }, value: valueOf(each) })),
    });
  gauge(
    'millrace_rebuild_lag_events',
    'Events that the rebuild of a read model has not applied yet, by projection; absent without a rebuild',
    ({ lagEvents }) => Number(lagEvents),
  );
  gauge(
    'millrace_rebuild_lag_seconds',
    'Age of the oldest event that the rebuild of a read model has not applied, by projection; 0 if there is none',
    ({ lagMs }) => lagMs / 1_000,
  );
  return {
    name: 'rebuilds',
    async look() {
      found = await progress();
      return [];
    },
  };
}
