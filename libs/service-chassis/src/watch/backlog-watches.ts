import { outboxFigures, type OutboxFigures } from '@millrace/streaming-core/outbox';
import { externalCallFigures, type ExternalCallFigures } from '@millrace/streaming-core/external-calls';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Registry } from 'prom-client';
import { figureGauge } from './figure-gauge.ts';
import type { Watch } from './watcher.ts';

export interface BacklogOptions {
  readonly registry: Registry;
  readonly database: SqlDatabase;
  readonly thresholds: { readonly alarmOutboxSeconds: number; readonly alarmExternalCallSeconds: number };
}

/** Messages that wait to be published, whoever has the relay's lease, and also where nobody has it. */
export function outboxWatch({ registry, database, thresholds }: BacklogOptions): Watch {
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
      const threshold = thresholds.alarmOutboxSeconds;
      return threshold > 0 ? [{ alarm: 'outbox_age', value: found.oldestAgeMs / 1_000, threshold }] : [];
    },
  };
}

/** Calls to systems outside that have no result yet. */
export function externalCallWatch({ registry, database, thresholds }: BacklogOptions): Watch {
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
    'Calls that are in flight or wait for their turn, counted up to 10000',
    ({ pending }) => pending,
  );
  gauge(
    'millrace_external_calls_oldest_age_seconds',
    'Age of the oldest of them',
    ({ oldestAgeMs }) => oldestAgeMs / 1_000,
  );
  return {
    name: 'external calls',
    async look() {
      found = await externalCallFigures(database);
      const threshold = thresholds.alarmExternalCallSeconds;
      if (threshold === 0) return [];
      return found.map(({ kind, oldestAgeMs }) => ({
        alarm: 'external_call_age',
        place: { kind },
        value: oldestAgeMs / 1_000,
        threshold,
      }));
    },
  };
}
