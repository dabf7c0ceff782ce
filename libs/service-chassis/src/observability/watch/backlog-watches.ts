import { externalCallFigures, type ExternalCallFigures } from '@millrace/streaming-core/external-calls';
import { outboxFigures, type OutboxFigures } from '@millrace/streaming-core/outbox';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Registry } from 'prom-client';
import { figureGauge } from '../metrics/gauges.ts';
import type { Watch } from './watcher.ts';

/** The watches of outbox rows and external calls in the database of a service. */
export const backlogWatches = (registry: Registry, database: SqlDatabase): readonly Watch[] => [
  outboxWatch(registry, database),
  externalCallWatch(registry, database),
];

/** Watches messages that wait to be published, whether or not a process holds the relay's lease. */
function outboxWatch(registry: Registry, database: SqlDatabase): Watch {
  let found: OutboxFigures | undefined;
  figureGauge(registry, {
    name: 'millrace_outbox_pending',
    help: 'Outbox rows that are not known to be published, counted up to 10000',
    labels: [],
    figures: () => (found === undefined ? [] : [{ labels: {}, value: found.pending }]),
  });
  return {
    name: 'outbox',
    async look() {
      found = await outboxFigures(database);
      return [{ alarm: 'outbox_age', value: found.oldestAgeMs / 1_000 }];
    },
  };
}

/** Watches external calls that have no result yet. */
function externalCallWatch(registry: Registry, database: SqlDatabase): Watch {
  let found: readonly ExternalCallFigures[] = [];
  const gauge = (name: string, help: string, valueOf: (figures: ExternalCallFigures) => number) =>
    figureGauge(registry, {
      name,
      help,
      labels: ['kind'],
      figures: () => found.map((figures) => ({ labels: { kind: figures.kind }, value: valueOf(figures) })),
    });
  gauge(
    'millrace_external_calls_pending',
    'External calls that have no result yet, by kind, counted up to 10000',
    ({ pending }) => pending,
  );
  gauge(
    'millrace_external_calls_oldest_age_seconds',
    'Age of the oldest external call that has no result yet, by kind',
    ({ oldestAgeMs }) => oldestAgeMs / 1_000,
  );
  return {
    name: 'external calls',
    async look() {
      found = await externalCallFigures(database);
      return found.map(({ kind, oldestAgeMs }) => ({
        alarm: 'external_call_age',
        place: { kind },
        value: oldestAgeMs / 1_000,
      }));
    },
  };
}
