import type { LagReader } from '@millrace/streaming-core/client';
import { storedLag } from '@millrace/streaming-core/consumer';
import { externalCallFigures, type ExternalCallFigures } from '@millrace/streaming-core/external-calls';
import { outboxFigures, type OutboxFigures } from '@millrace/streaming-core/outbox';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { Registry } from 'prom-client';
import type { ServiceIdentity } from '../../ground/config/service.ts';
import { figureGauge } from '../metrics/gauges.ts';
import type { DeadLetters } from './dead-letter-watch.ts';
import type { Lags } from './lag-watch.ts';
import type { Watcher, Watch } from './watcher.ts';

interface WatchedMessaging {
  readonly registry: Registry;
  readonly service: ServiceIdentity;
  readonly database: SqlDatabase;
  readonly lagReader: LagReader;
  readonly lags: Lags;
  readonly deadLetters: DeadLetters;
  /**
   * The topics that its group reads, empty until its handlers are known. Undefined if this process
   * does not consume.
   */
  readonly topics: (() => readonly string[]) | undefined;
}

/**
 * Watches everything that may queue up in a service with messages:
 * - the lag of its group, and of the groups in `LAG_GROUPS`;
 * - outbox rows and external calls in its database;
 * - dead letters.
 */
export function watchMessaging(
  watcher: Watcher,
  { registry, service, database, lagReader, lags, deadLetters, topics }: WatchedMessaging,
): void {
  const { name, config } = service;
  const others = config.lagGroups.filter((group) => group !== name);
  const backlog = { registry, database };
  if (topics !== undefined) {
    watcher.add(
      lags.watch(name, () => storedLag({ database, reader: lagReader, group: name, topics: topics() })),
    );
    deadLetters.watch(lagReader, topics);
  }
  for (const group of others) watcher.add(lags.watch(group, () => lagReader.ofGroup(group)));
  for (const watch of [outboxWatch(backlog), externalCallWatch(backlog)]) watcher.add(watch);
}

interface BacklogOptions {
  readonly registry: Registry;
  readonly database: SqlDatabase;
}

/** Watches messages that wait to be published, whether or not a process holds the relay's lease. */
function outboxWatch({ registry, database }: BacklogOptions): Watch {
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
function externalCallWatch({ registry, database }: BacklogOptions): Watch {
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
